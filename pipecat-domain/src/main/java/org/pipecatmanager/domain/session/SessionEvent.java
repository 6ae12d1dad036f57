package org.pipecatmanager.domain.session;

import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;

/** What can happen to a session. The sub-interfaces group what some states ignore as a whole. */
public sealed interface SessionEvent {
    /** What the store answered. */
    sealed interface OfRecord extends SessionEvent {}

    /** The new record is written. */
    record RecordWritten() implements OfRecord {}

    /** The id already has a record: it is not ours. */
    record RecordTaken() implements OfRecord {}

    /** The store could not be reached, or lost the record. */
    record RecordFailed(String message) implements OfRecord {}

    /** What a call needs, as far as other services know it. */
    sealed interface OfPreparation extends SessionEvent {}

    /** It is known: the machine is the one with the session's plan from now on. */
    record Prepared() implements OfPreparation {}

    /** It cannot be found out. */
    record PreparationFailed(EndReason reason, String message) implements OfPreparation {}

    /** What became of the external media. */
    sealed interface OfMedia extends SessionEvent {}

    /** Nobody will connect the call's media to us. */
    record MediaFailed(String message) implements OfMedia {}

    /** None of it is left that we could take down. */
    record MediaStopped() implements OfMedia {}

    /** What the caller's leg does. */
    sealed interface OfLeg extends SessionEvent {}

    /** The caller is connected. */
    record LegOpened() implements OfLeg {}

    /** The caller's connection is gone. */
    record LegClosed(LegEnd how) implements OfLeg {}

    /** What the runner's sockets do. */
    sealed interface OfLink extends SessionEvent {}

    /** A socket of the runner is open. */
    record LinkOpened(LinkDirection direction) implements OfLink {}

    /** A socket that was open is gone. */
    record LinkClosed(LinkDirection direction, LinkEnd end) implements OfLink {}

    /** What became of the pipeline. */
    sealed interface OfRunner extends SessionEvent {}

    /** The runner answered the start with an error. */
    record RunnerRefused(String message) implements OfRunner {}

    /** The runner answered the start that it cannot now; another try may help. */
    record RunnerBusy(String message) implements OfRunner {}

    /** The runner could not be reached, or did not answer the start in time. */
    record RunnerUnreachable(String message) implements OfRunner {}

    /** The runner says that it is about to end the call: what it had to say has been heard. */
    record RunnerEnding(EndReason reason, String message) implements OfRunner {}

    /** No pipeline of this session is left that we could stop. */
    record RunnerStopped() implements OfRunner {}

    /** Signs of life in the conversation. */
    sealed interface OfSpeech extends SessionEvent {}

    /** Somebody said, typed or pressed something. */
    record Spoke() implements OfSpeech {}

    /** Bot audio began to leave to the caller. */
    record BotAudible() implements OfSpeech {}

    /** The last queued bot audio left. */
    record BotSilent() implements OfSpeech {}

    /** Somebody, or a failure of ours, wants the session over for this reason. */
    record EndAsked(EndReason reason) implements SessionEvent {}

    /** An alarm rang, possibly one that no longer matters. */
    record DeadlinePassed(Deadline deadline) implements SessionEvent {}
}
