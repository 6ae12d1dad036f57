package org.pipecatmanager.ports.model;

import org.jspecify.annotations.Nullable;

/**
 * Something went wrong in a call.
 *
 * @param source  {@code runner}, {@code leg}, {@code link}, {@code tool}, {@code manager} or {@code daemon}
 * @param message for an operator; holds no speech, prompt or key
 * @param fatal   whether the call ends for it
 * @param failure what failed at a provider; null when it was none
 */
public record Problem(
        SessionRef ref,
        String source,
        String message,
        boolean fatal,
        @Nullable ProviderFailure failure) implements EventPayload {
    /** A problem that is no provider's. */
    public Problem(SessionRef ref, String source, String message, boolean fatal) {
        this(ref, source, message, fatal, null);
    }
}
