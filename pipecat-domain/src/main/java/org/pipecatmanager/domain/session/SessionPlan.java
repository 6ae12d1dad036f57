package org.pipecatmanager.domain.session;

import org.pipecatmanager.ports.model.SessionLimits;

/**
 * What is fixed for a session as soon as it is known what its call needs.
 *
 * @param needsLeg      whether a caller's leg belongs to it; false for text only
 * @param needsInput    whether the runner needs its input socket, where it opens two
 * @param runnerRetries how often a lost runner is replaced while the caller is kept; 0 ends the call at once
 * @param limits        deadlines
 */
public record SessionPlan(boolean needsLeg, boolean needsInput, int runnerRetries, SessionLimits limits) {
    public SessionPlan {
        if (runnerRetries < 0) {
            throw new IllegalArgumentException("runner retries are " + runnerRetries + "; use 0 or more");
        }
    }

    /** The same with a caller's leg. */
    public SessionPlan withLeg() {
        return new SessionPlan(true, needsInput, runnerRetries, limits);
    }
}
