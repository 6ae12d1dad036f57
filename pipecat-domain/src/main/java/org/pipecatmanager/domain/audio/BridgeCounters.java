package org.pipecatmanager.domain.audio;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * Counts one leg's audio, for its snapshot and for the meter.
 *
 * <p><b>Threads.</b> Counted by the leg's loop thread alone, read by any; each number is right, together they may be
 * a frame apart.
 */
final class BridgeCounters {
    private final SessionMeter meter;
    private final AtomicLong played = new AtomicLong();
    private final AtomicLong silence = new AtomicLong();
    private final AtomicLong concealed = new AtomicLong();
    private final AtomicLong underruns = new AtomicLong();
    private final AtomicLong reanchors = new AtomicLong();
    private final AtomicLong worstLateness = new AtomicLong();
    private final AtomicLong uplinkFrames = new AtomicLong();
    private final AtomicLong uplinkDiscarded = new AtomicLong();
    private final AtomicInteger callerPeak = new AtomicInteger();

    BridgeCounters(SessionMeter meter) {
        this.meter = meter;
    }

    void framePlayed() {
        increment(played);
        meter.framePlayed();
    }

    void silencePlayed() {
        increment(silence);
        meter.silencePlayed();
    }

    void concealed() {
        increment(concealed);
        meter.frameConcealed();
    }

    void speechBegan(int cushionMillis) {
        meter.speechBegan(cushionMillis);
    }

    void queueLow(long millis) {
        meter.queueLow(millis);
    }

    void underrun() {
        increment(underruns);
        meter.underrun();
    }

    /** A frame leaves {@code nanos} after its deadline. */
    void lateness(long nanos) {
        if (nanos > worstLateness.getPlain()) {
            worstLateness.setRelease(nanos);
        }
        meter.pacerLateness(nanos);
    }

    void reanchored() {
        increment(reanchors);
        meter.reanchored();
    }

    void uplinkFrame() {
        increment(uplinkFrames);
        meter.uplinkFrame();
    }

    /** How far from silence a sample of the caller was, 0 to 32767. */
    void callerPeak(int peak) {
        if (peak > callerPeak.getPlain()) {
            callerPeak.setRelease(peak);
        }
    }

    void uplinkDiscarded() {
        increment(uplinkDiscarded);
        meter.uplinkDiscarded();
    }

    /** Any thread. */
    AudioBridge.Snapshot snapshot(PcmRing ring, int cushionMillis, int unsupportedHz) {
        long position = ring.position();
        return new AudioBridge.Snapshot(
                played.getAcquire(),
                silence.getAcquire(),
                concealed.getAcquire(),
                underruns.getAcquire(),
                reanchors.getAcquire(),
                worstLateness.getAcquire(),
                uplinkFrames.getAcquire(),
                uplinkDiscarded.getAcquire(),
                callerPeak.getAcquire(),
                WireTime.millis(position),
                WireTime.millis(Math.max(0, ring.received() - position)),
                WireTime.millis(ring.dropped()),
                cushionMillis,
                unsupportedHz);
    }

    private static void increment(AtomicLong counter) {
        counter.setRelease(counter.getPlain() + 1);
    }
}
