package org.pipecatmanager.domain.session;

import java.util.List;

/**
 * The answer to one event.
 *
 * @param next    the state from now on
 * @param effects to be performed in this order
 */
public record Step(SessionState next, List<SessionEffect> effects) {
    public Step {
        effects = List.copyOf(effects);
    }

    static Step to(SessionState next, SessionEffect... effects) {
        return new Step(next, List.of(effects));
    }
}
