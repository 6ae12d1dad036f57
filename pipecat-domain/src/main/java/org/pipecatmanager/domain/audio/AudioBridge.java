package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * The sound of one call: the caller's goes to the runner as it comes, the bot's to the caller by a 20 ms clock.
 *
 * <p><b>To the caller.</b> One frame per 20 ms from the first tick to the end, silence where the bot says nothing
 * ({@link FrameClock}, {@link Playout}). The bot's audio waits in a bounded queue ({@link PcmRing}), also before
 * there is a leg: nothing ticks then, nothing is heard and the position stays. It survives the loss of the runner:
 * what was delivered is played. The runner hears what was heard and how far it may run ahead ({@link
 * PlayoutReports}).
 *
 * <p><b>To the runner.</b> Every message as it comes, at the plan's rate ({@link Uplink}).
 *
 * <p><b>Position.</b> Milliseconds of bot audio, rounded down, that were taken from the queue: played, flushed, or
 * dropped because a bound was reached. Silence filled in does not count.
 *
 * <p><b>Listening in.</b> {@link #tap}: levels and recordings hear both edges of the leg. Without one, that costs a read per frame.
 *
 * <p><b>End.</b> After {@link #end} the next tick ends the leg and nothing more is heard. A leg at a rate the
 * resampler does not have (96 or 192 kHz) is ended the same way.
 *
 * <p><b>Threads.</b>
 * <ul>
 *   <li>the leg's loop: everything of {@link LegMedia} and every call of {@link Listener}; it owns {@code clock},
 *       {@code playout}, {@code uplink}, {@code heardCaller}, {@code legHz}, {@code ended};
 *   <li>the runner's link: {@link #runnerAudio} and {@link #runnerInterrupted}, one call at a time; it is the
 *       producer of {@code ring};
 *   <li>any: {@link #attach}, {@link #detach}, {@link #runnerGivenUp}, {@link #end}, {@link #tap}, {@link #untap}, {@link #snapshot}.
 *       {@code reports} publishes the link,
 *       {@code ending}, {@code endReason}, {@code over} and {@code legUnsupportedHz} are volatile.
 * </ul>
 * No thread ever waits for another. Per frame nothing is allocated.
 */
public final class AudioBridge implements LegMedia {
    private final Listener listener;
    private final TimeSource time;
    private final SessionMeter meter;
    private final PcmRing ring = new PcmRing();
    private final FrameClock clock = new FrameClock();
    private final BridgeCounters counters;
    private final PlayoutReports reports;
    private final Playout playout;
    private final Uplink uplink;
    private final Taps taps;

    private boolean heardCaller;
    private boolean ended;
    private int legHz;
    private volatile boolean ending;
    private volatile @Nullable EndReason endReason;
    private volatile boolean over;
    private volatile int legUnsupportedHz;

    /** Hears of the leg and of what is audible. Called on the leg's loop thread; never blocks, never throws. */
    public interface Listener {
        /** A key the caller released: {@code 0-9 * # A-D}. */
        void pressed(char key);

        /** The leg is gone; exactly once, and nothing comes after it. */
        void closed(LegEnd how);

        /** The first frame of the bot after silence left. */
        void botAudible(long nowNanos);

        /**
         * The bot is no longer audible: its queue ran out, at most 60 ms ago, or was flushed, or the leg ended.
         * Follows each {@link #botAudible} once.
         */
        void botSilent(long nowNanos);

        /**
         * An interruption took effect; {@link #botSilent} follows if the bot was audible.
         *
         * @param heardMillis   position at which hearing stopped, milliseconds of bot audio of the call
         * @param droppedMillis thrown away, milliseconds
         * @param wasPlaying    whether the bot was audible
         */
        void flushed(long heardMillis, long droppedMillis, boolean wasPlaying);

        /** The first audio of the caller came. */
        void callerHeard(long nowNanos);
    }

    /**
     * What one call's audio did so far.
     *
     * @param framesPlayed        frames to the caller with audio of the bot
     * @param silenceFrames       frames to the caller without
     * @param concealedFrames     frames to the caller that were made up from the bot's last audio
     * @param underruns           times the bot was speaking and its queue ran dry
     * @param reanchors           times the clock was 60 ms late or more and started anew
     * @param worstLatenessNanos  the latest a frame left after its deadline, nanoseconds
     * @param uplinkFrames        messages of the caller that went to the runner
     * @param uplinkDiscarded     messages of the caller that had no runner to go to, or no rate it could be given
     * @param callerPeak          the loudest of the caller's samples that went to the runner, 0 to 32767, in one message of
     *     sixteen
     * @param positionMillis      bot audio played, flushed or dropped, milliseconds
     * @param queuedMillis        bot audio waiting, milliseconds
     * @param droppedMillis       bot audio dropped because the queue was full or its rate cannot be converted,
     *     milliseconds
     * @param cushionMillis       what is gathered before speech starts, milliseconds
     * @param unsupportedHz       last rate of runner or leg that cannot be converted, Hz; 0 for none
     */
    public record Snapshot(
            long framesPlayed,
            long silenceFrames,
            long concealedFrames,
            long underruns,
            long reanchors,
            long worstLatenessNanos,
            long uplinkFrames,
            long uplinkDiscarded,
            int callerPeak,
            long positionMillis,
            long queuedMillis,
            long droppedMillis,
            int cushionMillis,
            int unsupportedHz) {}

    /**
     * A bridge without link and leg.
     *
     * @param plan     rates, window and report period agreed with the runner
     * @param listener hears of the leg and of what is audible
     * @param meter    counts what {@link SessionMeter} lists under audio
     * @param time     the clock whose nanoseconds ticks are given in
     */
    public AudioBridge(AudioPlan plan, Listener listener, SessionMeter meter, TimeSource time) {
        this.listener = listener;
        this.meter = meter;
        this.time = time;
        this.counters = new BridgeCounters(meter);
        this.reports = new PlayoutReports(ring, plan);
        this.taps = new Taps(time);
        this.playout = new Playout(ring, reports, counters, taps, listener);
        this.uplink = new Uplink(plan.inRateHz(), reports, counters);
    }

    /**
     * The link that takes caller audio and playout reports; it gets its first report before this returns. A link
     * attached before is no longer written to. A runner's position counts from 0, so {@link #detach} the lost
     * runner's link before the next runner is let in.
     */
    public void attach(RunnerLink link) {
        reports.attach(link);
    }

    /**
     * Whatever comes from here on is another runner's, whose position counts from 0; what the lost one delivered is
     * played first. Not while {@link #runnerAudio} runs.
     */
    public void runnerGivenUp() {
        reports.giveUp();
    }

    /** The link is gone; what it delivered is still played. No effect if it is not the one attached. */
    public void detach(RunnerLink link) {
        reports.detach(link);
    }

    /**
     * Audio of the bot.
     *
     * @param pcm 16-bit little-endian mono samples from position to limit, copied before this returns; position and
     *     byte order stay
     */
    public void runnerAudio(ByteBuffer pcm, int sampleRateHz) {
        if (over) {
            return;
        }
        long before = WireTime.millis(ring.dropped());
        ring.write(pcm, sampleRateHz);
        long droppedMillis = WireTime.millis(ring.dropped()) - before;
        if (droppedMillis > 0) {
            meter.downlinkDropped(droppedMillis);
        }
    }

    /**
     * All audio before this is dropped before the next frame leaves; every call is answered with one {@code flushed}.
     */
    public void runnerInterrupted() {
        ring.interrupt();
    }

    /** Ends the leg at the next tick, within 20 ms; idempotent. */
    public void end() {
        ending = true;
    }

    /** The same, with what the far end may be told; the first reason counts. */
    public void end(EndReason reason) {
        if (endReason == null) {
            endReason = reason;
        }
        ending = true;
    }

    /** Lets one listen in from now on. */
    public void tap(AudioTap listens) {
        taps.add(listens);
    }

    /** Ends that; a last call to it may still be under way. No effect for one who does not listen. */
    public void untap(AudioTap listens) {
        taps.remove(listens);
    }

    /** What happened so far. */
    public Snapshot snapshot() {
        int unsupported = legUnsupportedHz;
        return counters.snapshot(ring, playout.cushionMillis(), unsupported == 0 ? ring.unsupportedHz() : unsupported);
    }

    @Override
    public void callerAudio(ByteBuffer pcm, AudioFormat format) {
        if (pcm.remaining() < 2) {
            return;
        }
        if (!heardCaller) {
            heardCaller = true;
            listener.callerHeard(time.nanoTime());
        }
        taps.caller(pcm, format.sampleRateHz());
        uplink.send(pcm, format.sampleRateHz(), reports.link());
    }

    @Override
    public void pressed(char key) {
        listener.pressed(key);
    }

    @Override
    public long tick(long nowNanos, FrameSink sink) {
        if (!ended && (ending || !playable(sink.format()))) {
            ended = true;
            over = true;
            playout.stop(nowNanos);
            sink.end();
        }
        if (ended) {
            return nowNanos + FrameClock.FRAME_NANOS;
        }
        playout.flush(nowNanos);
        int frames = clock.due(nowNanos);
        if (clock.reanchored()) {
            counters.reanchored();
        }
        for (int i = 0; i < frames && playable(sink.format()); i++) {
            counters.lateness(clock.latenessNanos() - i * FrameClock.FRAME_NANOS);
            playout.flush(nowNanos);
            playout.play(nowNanos, sink);
        }
        return clock.nextNanos();
    }

    @Override
    public Optional<EndReason> endReason() {
        return ended ? Optional.ofNullable(endReason) : Optional.empty();
    }

    @Override
    public void closed(LegEnd how) {
        ended = true;
        over = true;
        playout.stop(time.nanoTime());
        taps.ended();
        listener.closed(how);
    }

    private boolean playable(AudioFormat format) {
        int hz = format.sampleRateHz();
        if (hz != legHz) {
            legHz = hz;
            legUnsupportedHz = WireTime.supports(hz) ? 0 : hz;
        }
        return legUnsupportedHz == 0;
    }
}
