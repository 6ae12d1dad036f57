package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * The caller's audio on its way to the runner: decoded, brought to the runner's rate, sent on at once.
 *
 * <p>At equal rates every sample passes unchanged. The filter keeps its state from message to message and starts anew
 * with another link or another rate. A playout report that is due goes with it. Audio that has no link, or a rate the resampler does not have, is discarded and
 * counted. Allocates only when the caller's rate changes.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread.
 */
@SuppressWarnings("ReferenceEquality") // a link is one socket: the same or another
final class Uplink {
    /** A voice lasts; looking at one message of so many finds it, and costs nothing. */
    private static final int LOOKS_EVERY = 16;

    private final int runnerHz;
    private final PlayoutReports reports;
    private final BridgeCounters counters;
    /**
     * 20 ms at the caller's rate, the most that goes to the runner in one message; longer ones, up to 64 kB on the wire, go on
     * in several.
     */
    private short[] decoded = {};

    private short[] converted = {};

    /** Messages until the next look, counted up to {@link #LOOKS_EVERY}; 0 is a look. */
    private int looksAt;

    private int callerHz;
    private @Nullable Resampler resampler;
    private @Nullable RunnerLink lastLink;

    Uplink(int runnerHz, PlayoutReports reports, BridgeCounters counters) {
        this.runnerHz = runnerHz;
        this.reports = reports;
        this.counters = counters;
    }

    /**
     * Sends one message of the caller on.
     *
     * @param pcm 16-bit little-endian mono; its position and byte order stay
     */
    void send(ByteBuffer pcm, int sampleRateHz, @Nullable RunnerLink link) {
        Resampler stream = streamOf(sampleRateHz, link);
        if (link == null || stream == null) {
            counters.uplinkDiscarded();
            return;
        }
        int at = pcm.position();
        for (int left = pcm.remaining() / 2; left > 0; ) {
            int count = Math.min(left, decoded.length);
            decode(pcm, at, count);
            if (looksAt == 0) {
                counters.callerPeak(peak(count));
            }
            int length = stream.process(decoded, 0, count, converted, 0);
            reports.audio(link, converted, length, runnerHz);
            at += 2 * count;
            left -= count;
        }
        looksAt = (looksAt + 1) % LOOKS_EVERY;
        counters.uplinkFrame();
    }

    /** Tells a caller who says nothing from one who is not heard. */
    private int peak(int count) {
        int peak = 0;
        for (int i = 0; i < count; i++) {
            peak = Math.max(peak, Math.abs((int) decoded[i]));
        }
        return Math.min(peak, Short.MAX_VALUE);
    }

    private @Nullable Resampler streamOf(int hz, @Nullable RunnerLink link) {
        if (hz != callerHz) {
            callerHz = hz;
            resampler = WireTime.supports(hz) ? Resampler.between(hz, runnerHz) : null;
            if (resampler != null) {
                decoded = new short[WireTime.frameSamples(hz)];
                converted = new short[resampler.maxOutput(decoded.length)];
            }
        } else if (link != lastLink && resampler != null) {
            resampler.reset();
        }
        lastLink = link;
        return resampler;
    }

    private void decode(ByteBuffer pcm, int from, int count) {
        boolean swap = pcm.order() == ByteOrder.BIG_ENDIAN;
        for (int i = 0; i < count; i++) {
            short sample = pcm.getShort(from + 2 * i);
            decoded[i] = swap ? Short.reverseBytes(sample) : sample;
        }
    }
}
