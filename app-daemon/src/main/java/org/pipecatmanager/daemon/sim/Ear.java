package org.pipecatmanager.daemon.sim;

import java.util.Arrays;

/**
 * What one caller hears: levels, when the far end speaks, and the recording.
 *
 * <p>Not thread safe; owned by the simulation's thread. Times are nanoseconds of its clock.
 */
final class Ear {
    /** Root mean square above which a 20 ms frame counts as sound: about -50 dBFS, over the noise floor of quiet voices. */
    private static final double SOUND_RMS = 100;
    /** Quiet this long ends a stretch of speech; longer than the pauses between words. */
    static final long PAUSE_NANOS = 600_000_000L;

    private short[] recording = new short[8000 * 30];
    private int recorded;
    private long frames;
    private long silentFrames;
    private long lastSoundNanos = Long.MIN_VALUE;
    private long speakingSinceNanos = Long.MIN_VALUE;

    /** Takes in what one audio message carried. */
    void hear(short[] samples, int length, long nowNanos) {
        if (recorded + length > recording.length) {
            recording = Arrays.copyOf(recording, Math.max(recording.length * 2, recorded + length));
        }
        System.arraycopy(samples, 0, recording, recorded, length);
        recorded += length;
        frames++;
        if (rms(samples, length) > SOUND_RMS) {
            if (!isSpeaking(nowNanos)) {
                speakingSinceNanos = nowNanos;
            }
            lastSoundNanos = nowNanos;
        } else {
            silentFrames++;
        }
    }

    static double rms(short[] samples, int length) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (double) samples[i] * samples[i];
        }
        return length == 0 ? 0 : Math.sqrt(sum / length);
    }

    static boolean isSound(short[] samples, int length) {
        return rms(samples, length) > SOUND_RMS;
    }

    /** Whether the far end is in a stretch of speech, pauses included. */
    boolean isSpeaking(long nowNanos) {
        return lastSoundNanos != Long.MIN_VALUE && nowNanos - lastSoundNanos < PAUSE_NANOS;
    }

    /** When the present or last stretch of speech began; {@code Long.MIN_VALUE} before the first. */
    long speakingSinceNanos() {
        return speakingSinceNanos;
    }

    /** When sound was heard last; {@code Long.MIN_VALUE} before the first. */
    long lastSoundNanos() {
        return lastSoundNanos;
    }

    long frames() {
        return frames;
    }

    long silentFrames() {
        return silentFrames;
    }

    short[] recording() {
        return Arrays.copyOf(recording, recorded);
    }
}
