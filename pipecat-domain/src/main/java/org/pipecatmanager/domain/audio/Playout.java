package org.pipecatmanager.domain.audio;

import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.in.LegMedia.FrameSink;
import org.pipecatmanager.ports.model.AudioFormat;

/**
 * Makes the frames the caller hears: the bot's audio where there is some, silence where there is none.
 *
 * <p><b>Start.</b> Speech starts when the {@link Cushion} is gathered, a whole frame at least, or when as much time
 * has passed: what is shorter is played, filled up with silence. Audio that came before the leg waits and starts with
 * the first frame.
 *
 * <p><b>End.</b> Speech is over when the queue does not fill a frame. The filter's last 3 ms then ride in that frame
 * or the silent one after it.
 *
 * <p><b>Interruption.</b> Asked for before every frame: after it no sample of before is heard, not even the filter's.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread, except {@link #cushionMillis()}.
 */
final class Playout {
    private final PcmRing ring;
    private final PlayoutReports reports;
    private final BridgeCounters counters;
    private final AudioBridge.Listener listener;
    private final PlayoutConverter converter;
    private final Cushion cushion = new Cushion();
    private final short[] frame = new short[PlayoutConverter.MAX_FRAME];

    private boolean playing;
    private boolean waiting;
    private long waitingSinceNanos;
    private volatile int cushionMillis;

    Playout(PcmRing ring, PlayoutReports reports, BridgeCounters counters, AudioBridge.Listener listener) {
        this.ring = ring;
        this.reports = reports;
        this.counters = counters;
        this.listener = listener;
        this.converter = new PlayoutConverter(ring);
    }

    /** Writes one frame; the sink's rate is one that the resampler supports. */
    void play(long nowNanos, FrameSink sink) {
        AudioFormat format = sink.format();
        int length = format.samplesPerFrame();
        int voiced = playing || ready(nowNanos) ? converter.fill(frame, length, format.sampleRateHz()) : 0;
        if (voiced < length) {
            converter.finish(frame, voiced, length);
        }
        sink.audio(frame, 0, length);
        ring.advancePosition();
        boolean first = voiced > 0 && !playing;
        boolean last = voiced < length && (playing || first);
        if (voiced > 0) {
            counters.framePlayed();
        } else {
            counters.silencePlayed();
        }
        if (first) {
            playing = true;
            waiting = false;
            listener.botAudible(nowNanos);
        }
        if (last) {
            cushion.ranDry(nowNanos);
            stop(nowNanos);
        }
        reports.frameLeft(first || last);
    }

    /** Answers every interruption that has come. */
    void flush(long nowNanos) {
        if (!ring.interrupted()) {
            return;
        }
        long at = ring.advancePosition();
        while (ring.flush()) {
            long after = ring.advancePosition();
            boolean wasPlaying = playing;
            converter.clear();
            cushion.forget();
            waiting = false;
            reports.flushed(at, after);
            listener.flushed(WireTime.millis(at), WireTime.millis(after) - WireTime.millis(at), wasPlaying);
            stop(nowNanos);
            at = after;
        }
    }

    /** Nothing more is played. */
    void stop(long nowNanos) {
        if (playing) {
            playing = false;
            listener.botSilent(nowNanos);
        }
    }

    /** Any thread: what is gathered before speech starts, milliseconds. */
    int cushionMillis() {
        return cushionMillis;
    }

    private boolean ready(long nowNanos) {
        long queued = ring.received() - ring.advancePosition();
        if (queued <= 0) {
            waiting = false;
            return false;
        }
        if (!waiting) {
            waiting = true;
            waitingSinceNanos = nowNanos;
            if (cushion.resumed(nowNanos)) {
                cushionMillis = cushion.millis();
                counters.underrun();
            }
        }
        int wanted = Math.max(AudioFormat.FRAME_MILLIS, cushion.millis());
        return queued >= WireTime.ticks(wanted)
                || nowNanos - waitingSinceNanos >= TimeUnit.MILLISECONDS.toNanos(wanted);
    }
}
