package org.pipecatmanager.ports.fake;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.out.SessionMeter;

/** Counts, and keeps the labels and durations. What media loops call allocates nothing. */
public final class CountingSessionMeter implements SessionMeter {
    /** What is counted: the methods of {@link SessionMeter}. */
    public enum Counter {
        SESSION_ACCEPTED,
        SESSION_LIVE,
        SESSION_ENDED,
        LEG_REFUSED,
        TURN_LATENCY,
        BARGED_IN,
        TOOL_CALLED,
        RUNNER_REPLACEMENT_FAILED,
        EVENT_PUBLISHED,
        KEY_PRESSED,
        RECORDING_KEPT,
        RECORDING_CUT,
        /** Milliseconds, not calls. */
        RECORDING_LOST_MILLIS,
        LLM_IDLE_WATCHDOG_FIRED,
        TOOL_RESOLVE_FELL_BACK,
        UPLINK_FRAME,
        UPLINK_DISCARDED,
        FRAME_PLAYED,
        SILENCE_PLAYED,
        FRAME_CONCEALED,
        SPEECH_BEGAN,
        QUEUE_LOW,
        UNDERRUN,
        /** Milliseconds, not calls. */
        DOWNLINK_DROPPED_MILLIS,
        REANCHORED
    }

    /** Filled by the constructor and never changed. */
    private final Map<Counter, AtomicLong> counts = new EnumMap<>(Counter.class);

    private final AtomicLong worstLatenessNanos = new AtomicLong();
    private final AtomicLong lastQueueLowMillis = new AtomicLong(-1);
    private final Recorded<EndReason> endReasons = new Recorded<>();
    private final Recorded<LegGate.Refusal> refusals = new Recorded<>();
    private final Recorded<Duration> turnLatencies = new Recorded<>();
    private final Recorded<Long> bargeInDrops = new Recorded<>();
    private final Recorded<String> flushExits = new Recorded<>();
    private final Recorded<String> flushOutcomes = new Recorded<>();
    private final Recorded<String> deniedAiTypes = new Recorded<>();
    private final Recorded<Duration> replacements = new Recorded<>();
    private final Recorded<ProviderFailure> providerFailures = new Recorded<>();
    private final Recorded<String> providerMeasures = new Recorded<>();

    public CountingSessionMeter() {
        for (var counter : Counter.values()) {
            counts.put(counter, new AtomicLong());
        }
    }

    public long count(Counter what) {
        return counter(what).get();
    }

    /** The last {@link #queueLow}, milliseconds; -1 for none. */
    public long lastQueueLowMillis() {
        return lastQueueLowMillis.get();
    }

    /** The largest lateness reported, nanoseconds. */
    public long worstLatenessNanos() {
        return worstLatenessNanos.get();
    }

    public List<EndReason> endReasons() {
        return endReasons.all();
    }

    public List<LegGate.Refusal> refusals() {
        return refusals.all();
    }

    public List<Duration> turnLatencies() {
        return turnLatencies.all();
    }

    /** What each barge-in threw away, milliseconds. */
    public List<Long> bargeInDrops() {
        return bargeInDrops.all();
    }

    /** Why each generation was complete. */
    public List<String> flushExits() {
        return flushExits.all();
    }

    /** What became of the last generation of each call. */
    public List<String> flushOutcomes() {
        return flushOutcomes.all();
    }

    public List<String> deniedAiTypes() {
        return deniedAiTypes.all();
    }

    /** How long each replaced runner left its caller alone. */
    public List<Duration> replacements() {
        return replacements.all();
    }

    public List<ProviderFailure> providerFailures() {
        return providerFailures.all();
    }

    /** What runners measured, as {@code llm PT0.25S}. */
    public List<String> providerMeasures() {
        return providerMeasures.all();
    }

    @Override
    public void runnerReplaced(Duration took) {
        replacements.add(took);
    }

    @Override
    public void runnerReplacementFailed() {
        add(Counter.RUNNER_REPLACEMENT_FAILED, 1);
    }

    @Override
    public void providerFailed(ProviderFailure failure) {
        providerFailures.add(failure);
    }

    @Override
    public void providerMeasured(String part, Duration took) {
        providerMeasures.add(part + " " + took);
    }

    @Override
    public void sessionAccepted() {
        add(Counter.SESSION_ACCEPTED, 1);
    }

    @Override
    public void sessionLive(Duration setUp) {
        add(Counter.SESSION_LIVE, 1);
    }

    @Override
    public void sessionEnded(EndReason reason, Duration lasted) {
        endReasons.add(reason);
        add(Counter.SESSION_ENDED, 1);
    }

    @Override
    public void legRefused(LegGate.Refusal reason) {
        refusals.add(reason);
        add(Counter.LEG_REFUSED, 1);
    }

    @Override
    public void turnLatency(Duration latency) {
        turnLatencies.add(latency);
        add(Counter.TURN_LATENCY, 1);
    }

    @Override
    public void bargedIn(long droppedMillis) {
        bargeInDrops.add(droppedMillis);
        add(Counter.BARGED_IN, 1);
    }

    @Override
    public void toolCalled(boolean succeeded, Duration took) {
        add(Counter.TOOL_CALLED, 1);
    }

    @Override
    public void eventPublished() {
        add(Counter.EVENT_PUBLISHED, 1);
    }

    @Override
    public void recordingEnded(boolean toTheEnd, long lostMillis) {
        counter(toTheEnd ? Counter.RECORDING_KEPT : Counter.RECORDING_CUT).incrementAndGet();
        counter(Counter.RECORDING_LOST_MILLIS).addAndGet(lostMillis);
    }

    @Override
    public void keyPressed() {
        add(Counter.KEY_PRESSED, 1);
    }

    @Override
    public void llmFlushExited(String reason) {
        flushExits.add(reason);
    }

    @Override
    public void llmFlushFinalized(String outcome) {
        flushOutcomes.add(outcome);
    }

    @Override
    public void llmIdleWatchdogFired() {
        add(Counter.LLM_IDLE_WATCHDOG_FIRED, 1);
    }

    @Override
    public void toolResolveFellBack() {
        add(Counter.TOOL_RESOLVE_FELL_BACK, 1);
    }

    @Override
    public void unknownAiTypeDenied(String type) {
        deniedAiTypes.add(type);
    }

    @Override
    public void uplinkFrame() {
        add(Counter.UPLINK_FRAME, 1);
    }

    @Override
    public void uplinkDiscarded() {
        add(Counter.UPLINK_DISCARDED, 1);
    }

    @Override
    public void framePlayed() {
        add(Counter.FRAME_PLAYED, 1);
    }

    @Override
    public void silencePlayed() {
        add(Counter.SILENCE_PLAYED, 1);
    }

    @Override
    public void frameConcealed() {
        add(Counter.FRAME_CONCEALED, 1);
    }

    @Override
    public void speechBegan(int cushionMillis) {
        add(Counter.SPEECH_BEGAN, 1);
    }

    @Override
    public void queueLow(long millis) {
        add(Counter.QUEUE_LOW, 1);
        lastQueueLowMillis.set(millis);
    }

    @Override
    public void underrun() {
        add(Counter.UNDERRUN, 1);
    }

    @Override
    public void downlinkDropped(long millis) {
        add(Counter.DOWNLINK_DROPPED_MILLIS, millis);
    }

    @Override
    public void pacerLateness(long nanos) {
        long worst = worstLatenessNanos.get();
        while (nanos > worst && !worstLatenessNanos.compareAndSet(worst, nanos)) {
            worst = worstLatenessNanos.get();
        }
    }

    @Override
    public void reanchored() {
        add(Counter.REANCHORED, 1);
    }

    private void add(Counter what, long amount) {
        counter(what).addAndGet(amount);
    }

    private AtomicLong counter(Counter what) {
        return Objects.requireNonNull(counts.get(what));
    }
}
