package org.pipecatmanager.ports.out;

import java.time.Duration;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ProviderFailure;

/**
 * Counts what sessions and their audio do. Every method does nothing by default.
 *
 * <p><b>Threads.</b> Safe for all; those under "audio" are called by media loops per frame: they never block or allocate.
 */
public interface SessionMeter {
    /** Counts nothing. */
    SessionMeter NONE = new SessionMeter() {};

    /** A session was accepted. */
    default void sessionAccepted() {}

    /** Caller and bot can hear each other, {@code setUp} after acceptance. */
    default void sessionLive(Duration setUp) {}

    /** A session is over. */
    default void sessionEnded(EndReason reason, Duration lasted) {}

    /** A leg was turned away. */
    default void legRefused(LegGate.Refusal reason) {}

    /** From the end of the caller's turn to the first sound of the bot, at the leg. */
    default void turnLatency(Duration latency) {}

    /** The caller interrupted what was playing; {@code droppedMillis} were thrown away. */
    default void bargedIn(long droppedMillis) {}

    /** The caller pressed a key. */
    default void keyPressed() {}

    /**
     * The text of a generation is complete; {@code reason} is {@code stopped_normal}, {@code idle_watchdog},
     * {@code terminate_force}, {@code context_cancelled} or {@code unknown}.
     */
    default void llmFlushExited(String reason) {}

    /**
     * A call ended, and what was left of a generation was dealt with; {@code outcome} is {@code noop_never_started},
     * {@code noop_already_done}, {@code done} or {@code timeout}.
     */
    default void llmFlushFinalized(String outcome) {}

    /** A generation fell silent and was taken to be over. */
    default void llmIdleWatchdogFired() {}

    /** The tools of a call could not be looked up, and it went on without any. */
    default void toolResolveFellBack() {}

    /** An assistant is of a type that is allowed no tools because nobody knows it. */
    default void unknownAiTypeDenied(String type) {}

    /** A tool call came back. */
    default void toolCalled(boolean succeeded, Duration took) {}

    /** A lost runner was replaced, and caller and bot could hear each other again after that long. */
    default void runnerReplaced(Duration took) {}

    /** A try to replace a lost runner came to nothing. */
    default void runnerReplacementFailed() {}

    /** A provider failed, as the runner tells it. */
    default void providerFailed(ProviderFailure failure) {}

    /** The runner measured a provider: {@code llm} or {@code tts} until the first byte, {@code stt} until the transcript. */
    default void providerMeasured(String part, Duration took) {}

    /** A session event was published. */
    default void eventPublished() {}

    /**
     * A recording is over.
     *
     * @param toTheEnd   whether it lasted as long as its leg; otherwise it could not be kept any more
     * @param lostMillis what is missing in it, of both edges together, milliseconds
     */
    default void recordingEnded(boolean toTheEnd, long lostMillis) {}

    /** Audio: one frame from the caller went to the runner. */
    default void uplinkFrame() {}

    /** Audio: caller samples had no runner to go to. */
    default void uplinkDiscarded() {}

    /** Audio: one frame of the bot went to the caller. */
    default void framePlayed() {}

    /** Audio: one frame of silence went to the caller. */
    default void silencePlayed() {}

    /** Audio: one frame went to the caller that was made up from the bot's last audio, because no more had come. */
    default void frameConcealed() {}

    /** Audio: the bot began to speak, after so much had been gathered, milliseconds; 0 is the least. */
    default void speechBegan(int cushionMillis) {}

    /** Audio: the least that was queued in a second of the bot's speech, milliseconds. */
    default void queueLow(long millis) {}

    /** Audio: the bot was speaking and its queue ran dry. */
    default void underrun() {}

    /** Audio: bot audio was dropped because the queue was full, milliseconds. */
    default void downlinkDropped(long millis) {}

    /** Audio: the clock was this late when a frame left. */
    default void pacerLateness(long nanos) {}

    /** Audio: the clock was too late and started anew. */
    default void reanchored() {}
}
