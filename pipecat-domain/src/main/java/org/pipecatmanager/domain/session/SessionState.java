package org.pipecatmanager.domain.session;

import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.EndReason;

/** Where a session stands. All times are nanoseconds of the monotonic clock. */
public sealed interface SessionState {
    /** Why it ends or ended; null before that is settled. */
    default @Nullable EndReason endReason() {
        return switch (this) {
            case Ending ending -> ending.reason();
            case Ended ended -> ended.reason();
            case Accepted unused -> null;
            case Preparing unused -> null;
            case Waiting unused -> null;
            case Live unused -> null;
            case Reconnecting unused -> null;
        };
    }

    /** Taken in; its record is being written. */
    record Accepted() implements SessionState {}

    /**
     * Accepted and recorded; other services are asked what the call needs. Nothing is open yet.
     *
     * @param prepareBy given up then
     */
    record Preparing(long prepareBy, long endBy) implements SessionState {}

    /**
     * Leg and runner come up in parallel, in either order.
     *
     * @param legUp whether the caller is connected
     * @param links the runner's open sockets
     */
    record Waiting(boolean legUp, OpenLinks links, long legBy, long runnerBy, long endBy) implements SessionState {
        Waiting withLeg() {
            return new Waiting(true, links, legBy, runnerBy, endBy);
        }

        Waiting withLinks(OpenLinks value) {
            return new Waiting(legUp, value, legBy, runnerBy, endBy);
        }
    }

    /**
     * Caller and bot can hear each other.
     *
     * @param attempts   tries it took to replace runners that were lost shortly before; 0 for a call's first runner
     * @param since      since when
     * @param botAudible whether bot audio is leaving to the caller now; such a session is not idle
     * @param idleBy     idle from here on, unless somebody speaks
     */
    record Live(OpenLinks links, int attempts, long since, boolean botAudible, long idleBy, long endBy)
            implements SessionState {
        Live withLinks(OpenLinks value) {
            return new Live(value, attempts, since, botAudible, idleBy, endBy);
        }

        Live withSpeech(boolean audible, long idleFrom) {
            return new Live(links, attempts, since, audible, idleFrom, endBy);
        }
    }

    /**
     * The runner is gone and the caller is kept; first the remains are cleared, then a new pipeline is started.
     *
     * @param attempt  1, 2, …: the try this is
     * @param links    sockets of the new pipeline
     * @param lostAt   since when the caller is without a bot
     * @param startAt  no start before then
     * @param runnerBy this try has failed then
     */
    record Reconnecting(
            int attempt,
            Phase phase,
            OpenLinks links,
            long lostAt,
            long startAt,
            long runnerBy,
            long idleBy,
            long endBy)
            implements SessionState {
        /** How far a try is. */
        enum Phase {
            /** What may be left of the pipeline before is being stopped. */
            CLEARING,
            /** It is too early for the start. */
            PAUSING,
            /** The start was asked for. */
            STARTING
        }

        Reconnecting in(Phase value) {
            return new Reconnecting(attempt, value, links, lostAt, startAt, runnerBy, idleBy, endBy);
        }

        Reconnecting withLinks(OpenLinks value) {
            return new Reconnecting(attempt, phase, value, lostAt, startAt, runnerBy, idleBy, endBy);
        }

        Reconnecting withSpeech(long idleFrom) {
            return new Reconnecting(attempt, phase, links, lostAt, startAt, runnerBy, idleFrom, endBy);
        }

        /** The same try from its beginning, at a later time. */
        Reconnecting again(long newStartAt) {
            return new Reconnecting(
                    attempt, Phase.CLEARING, OpenLinks.NONE, lostAt, newStartAt, runnerBy, idleBy, endBy);
        }
    }

    /**
     * The reason is settled; leg, links, pipeline and external media are being closed.
     *
     * @param legOpen       the caller's leg is still there
     * @param links         sockets still there
     * @param runnerStopped the runner was told and answered
     * @param mediaStopped  there is no external media to take down, or no more
     * @param by            over then, whatever is left
     */
    record Ending(
            EndReason reason, boolean legOpen, OpenLinks links, boolean runnerStopped, boolean mediaStopped, long by)
            implements SessionState {
        Ending withLeg(boolean open) {
            return new Ending(reason, open, links, runnerStopped, mediaStopped, by);
        }

        Ending withLinks(OpenLinks value) {
            return new Ending(reason, legOpen, value, runnerStopped, mediaStopped, by);
        }

        Ending withRunnerStopped() {
            return new Ending(reason, legOpen, links, true, mediaStopped, by);
        }

        Ending withMediaStopped() {
            return new Ending(reason, legOpen, links, runnerStopped, true, by);
        }

        boolean nothingIsLeft() {
            return !legOpen && links.isEmpty() && runnerStopped && mediaStopped;
        }
    }

    /** Over; the record is closed. */
    record Ended(EndReason reason) implements SessionState {}
}
