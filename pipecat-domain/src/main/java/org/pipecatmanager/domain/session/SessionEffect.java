package org.pipecatmanager.domain.session;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.RunnerLoss;

/** What is to be done. Every one of them can be repeated; one that fails comes back as an event. */
public sealed interface SessionEffect {
    /** Write the new record; answered by an {@link SessionEvent.OfRecord} before any other event. */
    record InsertRecord() implements SessionEffect {}

    /** Bring the record up to date. */
    record WriteStatus(PipecatcallStatus status, @Nullable EndReason reason) implements SessionEffect {}

    /** Publish an event whose payload is the record. */
    record Announce(EventType type) implements SessionEffect {}

    /** Publish an error event. */
    record ReportProblem(String source, String message, boolean fatal) implements SessionEffect {}

    /** Find out what the call needs; answered by an {@link SessionEvent.OfPreparation}. */
    record Prepare() implements SessionEffect {}

    /** Have Asterisk connect the call's media to us. */
    record StartMedia() implements SessionEffect {}

    /** Take that connection down, asked for or established; answered by {@link SessionEvent.MediaStopped}. */
    record StopMedia() implements SessionEffect {}

    /**
     * Ask the runner for a pipeline.
     *
     * @param attempt 0 for the call's first, 1, 2, … for one that replaces a lost one
     */
    record StartRunner(int attempt) implements SessionEffect {}

    /** Take the pipeline down; answered by {@link SessionEvent.RunnerStopped}. */
    record StopRunner() implements SessionEffect {}

    /** Hear nothing more of the pipeline of now, and close its sockets; its caller stays. */
    record GiveRunnerUp() implements SessionEffect {}

    /** Publish that the runner is lost and this try to replace it begins. */
    record ReportLoss(int attempt, RunnerLoss loss, String message) implements SessionEffect {}

    /** Publish that the runner is replaced. */
    record ReportReplacement(int attempt, long tookNanos) implements SessionEffect {}

    /** Count a try to replace the runner that came to nothing. */
    record CountFailedTry() implements SessionEffect {}

    /** End the caller's leg in order, or as soon as it comes. */
    record EndLeg() implements SessionEffect {}

    /** Close every open socket of the runner. */
    record CloseLinks() implements SessionEffect {}

    /** Answer with {@link SessionEvent.DeadlinePassed} at that time; replaces an earlier alarm of the same deadline. */
    record WakeAt(Deadline deadline, long atNanos) implements SessionEffect {}

    /** Publish what the conversation still holds back. */
    record FinishConversation() implements SessionEffect {}

    /** Forget the session: alarms, registry, its place under the limit. */
    record Release() implements SessionEffect {}
}
