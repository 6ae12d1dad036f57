package org.pipecatmanager.ports.model;

/**
 * Something went wrong in a call.
 *
 * @param source  {@code runner}, {@code leg}, {@code link}, {@code tool}, {@code manager} or {@code daemon}
 * @param message for an operator; holds no speech, prompt or key
 * @param fatal   whether the call ends for it
 */
public record Problem(SessionRef ref, String source, String message, boolean fatal) implements EventPayload {}
