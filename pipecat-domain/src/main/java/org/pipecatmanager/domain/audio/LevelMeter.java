package org.pipecatmanager.domain.audio;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.pipecatmanager.ports.model.AudioLevels;

/**
 * Measures both edges of a leg for one who looks now and then.
 *
 * <p><b>Threads.</b> The leg's loop measures, one other thread looks. {@code version} is odd while the sums change: who looks
 * meanwhile looks again, the loop never waits.
 */
public final class LevelMeter implements AudioTap {
    private static final double FULL_SCALE = 32_768;

    // The loop's; read by who looks, between two equal and even versions.
    private long callerSquares;
    private long callerSamples;
    private long botSquares;
    private long botSamples;
    private volatile boolean playing;
    private volatile long version;

    // Of who looks.
    private long seenCallerSquares;
    private long seenCallerSamples;
    private long seenBotSquares;
    private long seenBotSamples;

    /**
     * Loudness since the last look.
     *
     * @param callerDbfs of what the caller said
     * @param botDbfs    of what the caller heard
     * @param playing    whether the last frame to the caller had the bot in it
     */
    public record Reading(double callerDbfs, double botDbfs, boolean playing) {}

    @Override
    public void caller(long nowNanos, ByteBuffer pcm, int sampleRateHz) {
        boolean swap = pcm.order() == ByteOrder.BIG_ENDIAN;
        long squares = 0;
        int samples = pcm.remaining() / Short.BYTES;
        for (int i = 0, at = pcm.position(); i < samples; i++, at += Short.BYTES) {
            short raw = pcm.getShort(at);
            long sample = swap ? Short.reverseBytes(raw) : raw;
            squares += sample * sample;
        }
        beginChange();
        callerSquares += squares;
        callerSamples += samples;
        endChange();
    }

    @Override
    public void heard(long nowNanos, short[] frame, int length, int sampleRateHz, boolean bot) {
        long squares = 0;
        for (int i = 0; i < length; i++) {
            squares += (long) frame[i] * frame[i];
        }
        beginChange();
        botSquares += squares;
        botSamples += length;
        endChange();
        playing = bot;
    }

    @Override
    public void ended() {
        playing = false;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes it
    private void beginChange() {
        version++;
        VarHandle.storeStoreFence();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void endChange() {
        version++;
    }

    /** What it was since the last look. */
    public Reading look() {
        long before;
        long allCallerSquares;
        long allCallerSamples;
        long allBotSquares;
        long allBotSamples;
        do {
            before = version;
            allCallerSquares = callerSquares;
            allCallerSamples = callerSamples;
            allBotSquares = botSquares;
            allBotSamples = botSamples;
            VarHandle.loadLoadFence();
        } while ((before & 1) != 0 || before != version);
        Reading reading = new Reading(
                dbfs(allCallerSquares - seenCallerSquares, allCallerSamples - seenCallerSamples),
                dbfs(allBotSquares - seenBotSquares, allBotSamples - seenBotSamples),
                playing);
        seenCallerSquares = allCallerSquares;
        seenCallerSamples = allCallerSamples;
        seenBotSquares = allBotSquares;
        seenBotSamples = allBotSamples;
        return reading;
    }

    private static double dbfs(long squares, long samples) {
        if (squares == 0 || samples == 0) {
            return AudioLevels.SILENCE_DBFS;
        }
        double rms = Math.sqrt((double) squares / samples) / FULL_SCALE;
        return Math.max(AudioLevels.SILENCE_DBFS, 20 * Math.log10(rms));
    }
}
