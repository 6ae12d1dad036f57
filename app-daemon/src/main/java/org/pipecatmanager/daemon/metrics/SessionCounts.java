package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counter;
import static org.pipecatmanager.daemon.metrics.Snapshots.counters;
import static org.pipecatmanager.daemon.metrics.Snapshots.gauges;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.out.SessionMeter;

/** Counts sessions and their audio. */
public final class SessionCounts implements SessionMeter, MultiCollector {
    private final LongAdder accepted = new LongAdder();
    private final Map<EndReason, LongAdder> ended = adders(EndReason.class);
    private final Map<LegGate.Refusal, LongAdder> refusedLegs = adders(LegGate.Refusal.class);
    private final LanguageCounts language = new LanguageCounts();
    private final ProviderCounts providers = new ProviderCounts();
    private final LongAdder replaced = new LongAdder();
    private final LongAdder replacementsFailed = new LongAdder();
    private final LongAdder keys = new LongAdder();
    private final LongAdder bargeIns = new LongAdder();
    private final LongAdder bargeInMillis = new LongAdder();
    private final LongAdder toolsDone = new LongAdder();
    private final LongAdder toolsFailed = new LongAdder();
    private final LongAdder events = new LongAdder();
    private final RecordingCounts recordings = new RecordingCounts();
    private final LongAdder uplinkFrames = new LongAdder();
    private final LongAdder uplinkDiscarded = new LongAdder();
    private final LongAdder framesPlayed = new LongAdder();
    private final LongAdder silencePlayed = new LongAdder();
    private final LongAdder framesConcealed = new LongAdder();
    private final LongAdder underruns = new LongAdder();
    private final LongAdder downlinkDroppedMillis = new LongAdder();
    private final LongAdder reanchored = new LongAdder();
    private final Histogram setUp = new Histogram(
            "pipecat_manager_session_setup_seconds",
            "From the acceptance of a session until caller and bot can hear each other.",
            100,
            250,
            500,
            1_000,
            2_000,
            3_000,
            5_000,
            10_000,
            15_000,
            30_000);
    private final Histogram lasted = new Histogram(
            "pipecat_manager_session_duration_seconds",
            "From the acceptance of a session to its end.",
            1_000,
            10_000,
            30_000,
            60_000,
            180_000,
            600_000,
            1_800_000,
            7_200_000);
    private final Histogram turns = new Histogram(
            "pipecat_manager_turn_latency_seconds",
            "From the end of the caller's turn to the first sound of the bot, at the caller's leg.",
            100,
            250,
            500,
            750,
            1_000,
            1_500,
            2_000,
            3_000,
            5_000,
            10_000);
    private final Histogram tools = new Histogram(
            "pipecat_manager_tool_call_seconds",
            "How long tool calls took, all attempts together.",
            50,
            100,
            250,
            500,
            1_000,
            2_500,
            5_000,
            10_000,
            30_000);
    private final Histogram replacement = new Histogram(
            "pipecat_manager_runner_replacement_seconds",
            "From the loss of a call's runner until caller and bot could hear each other again.",
            250,
            500,
            1_000,
            2_000,
            3_000,
            5_000,
            10_000,
            20_000,
            30_000);
    private final Histogram cushions = new Histogram(
            "pipecat_manager_playout_cushion_seconds",
            "What was gathered before a bot began to speak, by the cushion its call has come to.",
            0,
            40,
            60,
            80,
            100,
            120);
    private final Histogram lowQueues = new Histogram(
            "pipecat_manager_playout_queue_low_seconds",
            "The least that was queued in a second of a bot's speech; how far a runner may stall unheard.",
            0,
            20,
            40,
            80,
            160,
            240,
            320,
            400,
            1_000);
    private final Histogram lateness = new Histogram(
            "pipecat_manager_pacer_lateness_seconds",
            "How late 20 ms frames left, by the daemon's own clock.",
            1,
            2,
            5,
            10,
            20,
            40,
            60,
            100,
            250);

    @Override
    public void sessionAccepted() {
        accepted.increment();
    }

    @Override
    public void sessionLive(Duration took) {
        setUp.observe(took.toNanos());
    }

    @Override
    public void sessionEnded(EndReason reason, Duration duration) {
        count(ended, reason);
        lasted.observe(duration.toNanos());
    }

    @Override
    public void legRefused(LegGate.Refusal reason) {
        count(refusedLegs, reason);
    }

    @Override
    public void turnLatency(Duration latency) {
        turns.observe(latency.toNanos());
    }

    @Override
    public void bargedIn(long droppedMillis) {
        bargeIns.increment();
        bargeInMillis.add(droppedMillis);
    }

    @Override
    public void keyPressed() {
        keys.increment();
    }

    @Override
    public void llmFlushExited(String reason) {
        language.flushExited(reason);
    }

    @Override
    public void llmFlushFinalized(String outcome) {
        language.flushFinalized(outcome);
    }

    @Override
    public void llmIdleWatchdogFired() {
        language.idleWatchdogFired();
    }

    @Override
    public void toolResolveFellBack() {
        language.toolResolveFellBack();
    }

    /** Types are others' words, and no label. */
    @Override
    public void unknownAiTypeDenied(String type) {
        language.unknownAiTypeDenied();
    }

    @Override
    public void toolCalled(boolean succeeded, Duration took) {
        (succeeded ? toolsDone : toolsFailed).increment();
        tools.observe(took.toNanos());
    }

    @Override
    public void runnerReplaced(Duration took) {
        replaced.increment();
        replacement.observe(took.toNanos());
    }

    @Override
    public void runnerReplacementFailed() {
        replacementsFailed.increment();
    }

    @Override
    public void providerFailed(ProviderFailure failure) {
        providers.failed(failure);
    }

    @Override
    public void providerMeasured(String part, Duration took) {
        providers.measured(part, took);
    }

    @Override
    public void eventPublished() {
        events.increment();
    }

    @Override
    public void recordingEnded(boolean toTheEnd, long lostMillis) {
        recordings.ended(toTheEnd, lostMillis);
    }

    @Override
    public void uplinkFrame() {
        uplinkFrames.increment();
    }

    @Override
    public void uplinkDiscarded() {
        uplinkDiscarded.increment();
    }

    @Override
    public void framePlayed() {
        framesPlayed.increment();
    }

    @Override
    public void silencePlayed() {
        silencePlayed.increment();
    }

    @Override
    public void frameConcealed() {
        framesConcealed.increment();
    }

    @Override
    public void speechBegan(int cushionMillis) {
        cushions.observe(TimeUnit.MILLISECONDS.toNanos(cushionMillis));
    }

    @Override
    public void queueLow(long millis) {
        lowQueues.observe(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Override
    public void underrun() {
        underruns.increment();
    }

    @Override
    public void downlinkDropped(long millis) {
        downlinkDroppedMillis.add(millis);
    }

    @Override
    public void pacerLateness(long nanos) {
        lateness.observe(nanos);
    }

    @Override
    public void reanchored() {
        reanchored.increment();
    }

    @Override
    public MetricSnapshots collect() {
        long over = ended.values().stream().mapToLong(LongAdder::sum).sum();
        List<MetricSnapshot> snapshots = new ArrayList<>(language.snapshots());
        snapshots.addAll(providers.snapshots());
        snapshots.addAll(recordings.snapshots());
        snapshots.addAll(List.of(
                counters(
                        "pipecat_manager_runner_replaced",
                        "Tries to replace a runner that was lost in a call, by outcome.",
                        Map.of(
                                Labels.of("outcome", "replaced"),
                                replaced.sum(),
                                Labels.of("outcome", "failed"),
                                replacementsFailed.sum())),
                replacement.snapshot(),
                gauges(
                        "pipecat_manager_sessions",
                        "Sessions now, those that are ending included.",
                        Map.of(Labels.EMPTY, Math.max(0, accepted.sum() - over))),
                counter("pipecat_manager_sessions_accepted", "Sessions accepted.", accepted.sum()),
                counters("pipecat_manager_sessions_ended", "Sessions that are over, by reason.", byName(ended)),
                counters("pipecat_manager_legs_refused", "Callers turned away, by reason.", byName(refusedLegs)),
                setUp.snapshot(),
                lasted.snapshot(),
                turns.snapshot(),
                tools.snapshot(),
                lateness.snapshot(),
                cushions.snapshot(),
                lowQueues.snapshot(),
                counters(
                        "pipecat_manager_tool_calls",
                        "Tool calls that came back.",
                        Map.of(
                                Labels.of("result", "success"),
                                toolsDone.sum(),
                                Labels.of("result", "failed"),
                                toolsFailed.sum())),
                counter("pipecat_manager_keys_pressed", "Keys that callers pressed.", keys.sum()),
                counter("pipecat_manager_barge_ins", "Callers who interrupted what was playing.", bargeIns.sum()),
                counter(
                        "pipecat_manager_barge_in_dropped_milliseconds",
                        "Speech thrown away for them.",
                        bargeInMillis.sum()),
                counter("pipecat_manager_events_published", "Events of sessions published.", events.sum()),
                counter(
                        "pipecat_manager_uplink_frames",
                        "Frames from callers that went to a runner.",
                        uplinkFrames.sum()),
                counter(
                        "pipecat_manager_uplink_discarded_frames",
                        "Frames from callers that had no runner to go to: normal until a session is live.",
                        uplinkDiscarded.sum()),
                counter("pipecat_manager_frames_played", "Frames of bots that went to callers.", framesPlayed.sum()),
                counter(
                        "pipecat_manager_silence_frames",
                        "Frames of silence that went to callers.",
                        silencePlayed.sum()),
                counter(
                        "pipecat_manager_concealed_frames",
                        "Frames to callers made up from a bot's last audio, because no more had come.",
                        framesConcealed.sum()),
                counter(
                        "pipecat_manager_underruns",
                        "Times a bot was speaking and its queue ran dry: made up for 60 ms, a gap beyond.",
                        underruns.sum()),
                counter(
                        "pipecat_manager_downlink_dropped_milliseconds",
                        "Bot audio dropped because a queue was full: a runner that does not heed its grant.",
                        downlinkDroppedMillis.sum()),
                counter(
                        "pipecat_manager_pacer_reanchored",
                        "Times the 20 ms clock was more than 60 ms late and started anew: the machine is overloaded.",
                        reanchored.sum())));
        return new MetricSnapshots(snapshots);
    }

    private static <E extends Enum<E>> void count(Map<E, LongAdder> counts, E constant) {
        LongAdder adder = counts.get(constant);
        if (adder != null) {
            adder.increment();
        }
    }

    private static <E extends Enum<E>> Map<Labels, Long> byName(Map<E, LongAdder> counts) {
        Map<Labels, Long> values = new LinkedHashMap<>();
        counts.forEach((constant, count) ->
                values.put(Labels.of("reason", constant.name().toLowerCase(Locale.ROOT)), count.sum()));
        return values;
    }

    /** One adder a constant; the map itself never changes. */
    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : EnumSet.allOf(type)) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }
}
