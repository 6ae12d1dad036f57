package org.pipecatmanager.domain.session;

import org.pipecatmanager.ports.model.SessionLimits;

/**
 * What is fixed for a session as soon as it is known what its call needs.
 *
 * @param needsLeg   whether a caller's leg belongs to it; false for text only
 * @param needsInput whether the runner needs its input socket, where it opens two
 * @param limits     deadlines, and how often a lost runner is replaced
 */
public record SessionPlan(boolean needsLeg, boolean needsInput, SessionLimits limits) {
    /** The same with a caller's leg. */
    public SessionPlan withLeg() {
        return new SessionPlan(true, needsInput, limits);
    }
}
