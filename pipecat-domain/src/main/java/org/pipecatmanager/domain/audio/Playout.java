package org.pipecatmanager.domain.audio;

import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.in.LegMedia.FrameSink;
import org.pipecatmanager.ports.model.AudioFormat;

/**
 * Makes the frames the caller hears: the bot's audio where there is some, silence where there is none.
 *
 * <p><b>Start.</b> Speech starts when the {@link Cushion} is gathered, a whole frame at least, or when as much time
 * has passed: what is shorter is played, filled up. Audio that came before the leg waits and starts with the first
 * frame.
 *
 * <p><b>A dry queue.</b> When the queue does not fill a frame, the bot goes on being audible as long as {@link
 * Concealment} makes something up, 60 ms at most: over a short gap the voice does not break. None of that counts into
 * the position, and the runner hears at once that all was played. Then speech is over; the filter's last 3 ms ride in
 * that frame or the silent one after it.
 *
 * <p><b>Interruption.</b> Asked for before every frame: after it nothing of before is taken. What was sounding fades
 * within the first 5 ms of the next frame.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread, except {@link #cushionMillis()}.
 */
final class Playout {
    private final PcmRing ring;
    private final PlayoutReports reports;
    private final BridgeCounters counters;
    private final Taps taps;
    private final AudioBridge.Listener listener;
    private final PlayoutConverter converter;
    private final LowWater lowWater;
    private final Cushion cushion = new Cushion();
    /** As long as the longest frame so far: a leg says what it takes when it first ticks. */
    private short[] frame = {};

    /** Whether the queue is being played, without waiting for a cushion. */
    private boolean speaking;
    /** Whether the caller hears the bot, made-up audio included. */
    private boolean audible;

    private boolean waiting;
    private long waitingSinceNanos;
    private volatile int cushionMillis;

    Playout(PcmRing ring, PlayoutReports reports, BridgeCounters counters, Taps taps, AudioBridge.Listener listener) {
        this.ring = ring;
        this.reports = reports;
        this.counters = counters;
        this.taps = taps;
        this.listener = listener;
        this.converter = new PlayoutConverter(ring);
        this.lowWater = new LowWater(counters);
    }

    /** Writes one frame; the sink's rate is one that the resampler supports. */
    void play(long nowNanos, FrameSink sink) {
        AudioFormat format = sink.format();
        int length = format.samplesPerFrame();
        if (frame.length < length) {
            frame = new short[length];
        }
        int voiced = speaking || ready(nowNanos) ? converter.fill(frame, length, format.sampleRateHz()) : 0;
        int sounding = voiced;
        if (voiced < length) {
            sounding = converter.bridge(frame, voiced, length);
            if (sounding < length) {
                converter.finish(frame, sounding, length);
            }
        }
        converter.addRemains(frame, length, format.sampleRateHz());
        sink.audio(frame, 0, length);
        long position = ring.advancePosition();
        count(voiced, sounding, length);
        boolean first = voiced > 0 && !speaking;
        if (first) {
            begin(nowNanos);
        }
        boolean last = speaking && voiced < length;
        if (last) {
            ranDry(nowNanos);
        } else if (speaking) {
            lowWater.frame(ring.received() - position);
        }
        if (!speaking && !converter.bridging()) {
            silent(nowNanos);
        }
        taps.heard(nowNanos, frame, length, format.sampleRateHz(), audible);
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
            boolean wasAudible = audible;
            converter.cutOff();
            cushion.forget(nowNanos);
            lowWater.forget();
            waiting = false;
            reports.flushed(at, after);
            listener.flushed(WireTime.millis(at), WireTime.millis(after) - WireTime.millis(at), wasAudible);
            stop(nowNanos);
            at = after;
        }
    }

    /** Nothing more is played. */
    void stop(long nowNanos) {
        speaking = false;
        silent(nowNanos);
    }

    /** Any thread: what is gathered before speech starts, milliseconds. */
    int cushionMillis() {
        return cushionMillis;
    }

    private void count(int voiced, int sounding, int length) {
        if (voiced > 0) {
            counters.framePlayed();
        } else if (sounding == length) {
            counters.concealed();
        } else {
            counters.silencePlayed();
        }
    }

    private void begin(long nowNanos) {
        speaking = true;
        waiting = false;
        cushion.began(nowNanos);
        counters.speechBegan(cushion.millis());
        if (!audible) {
            audible = true;
            listener.botAudible(nowNanos);
        }
    }

    private void ranDry(long nowNanos) {
        speaking = false;
        cushion.ranDry(nowNanos);
        lowWater.forget();
    }

    private void silent(long nowNanos) {
        if (audible) {
            audible = false;
            listener.botSilent(nowNanos);
        }
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
                counters.underrun();
            }
            cushionMillis = cushion.millis();
        }
        int wanted = Math.max(AudioFormat.FRAME_MILLIS, cushion.millis());
        return queued >= WireTime.ticks(wanted)
                || nowNanos - waitingSinceNanos >= TimeUnit.MILLISECONDS.toNanos(wanted);
    }
}
