package org.pipecatmanager.ports.model;

import org.jspecify.annotations.Nullable;

/**
 * A call's runner was lost and is being replaced, or has been.
 *
 * @param attempt    1, 2, …: which try to replace it begins, or succeeded
 * @param loss       why it is replaced; null when it has been
 * @param message    for an operator; holds no speech, prompt or key, and is empty where there is nothing to add
 * @param tookMillis from the loss until caller and bot could hear each other again; 0 while it is being replaced
 */
public record RunnerChange(
        SessionRef ref, int attempt, @Nullable RunnerLoss loss, String message, long tookMillis)
        implements EventPayload {}
