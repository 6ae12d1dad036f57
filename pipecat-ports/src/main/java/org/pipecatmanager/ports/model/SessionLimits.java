package org.pipecatmanager.ports.model;

import java.time.Duration;

/**
 * The deadlines of one session.
 *
 * @param legTimeout    how long the caller's leg may take to connect
 * @param runnerTimeout how long the runner may take to connect back
 * @param idleTimeout   how long nobody may speak
 * @param maxDuration   how long the call may last from its acceptance
 * @param endingTimeout how long leg and runner may take to close before the session is ended all the same
 */
public record SessionLimits(
        Duration legTimeout,
        Duration runnerTimeout,
        Duration idleTimeout,
        Duration maxDuration,
        Duration endingTimeout) {
    /** 30 s, 15 s, 300 s, 2 h, 5 s. */
    public static final SessionLimits DEFAULTS = new SessionLimits(
            Duration.ofSeconds(30),
            Duration.ofSeconds(15),
            Duration.ofSeconds(300),
            Duration.ofHours(2),
            Duration.ofSeconds(5));

    public SessionLimits {
        requirePositive("leg_timeout", legTimeout);
        requirePositive("runner_timeout", runnerTimeout);
        requirePositive("idle_timeout", idleTimeout);
        requirePositive("max_duration", maxDuration);
        requirePositive("ending_timeout", endingTimeout);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + "; set a positive duration such as 30s");
        }
    }

    public SessionLimits withLegTimeout(Duration value) {
        return new SessionLimits(value, runnerTimeout, idleTimeout, maxDuration, endingTimeout);
    }

    public SessionLimits withRunnerTimeout(Duration value) {
        return new SessionLimits(legTimeout, value, idleTimeout, maxDuration, endingTimeout);
    }

    public SessionLimits withIdleTimeout(Duration value) {
        return new SessionLimits(legTimeout, runnerTimeout, value, maxDuration, endingTimeout);
    }

    public SessionLimits withMaxDuration(Duration value) {
        return new SessionLimits(legTimeout, runnerTimeout, idleTimeout, value, endingTimeout);
    }

    public SessionLimits withEndingTimeout(Duration value) {
        return new SessionLimits(legTimeout, runnerTimeout, idleTimeout, maxDuration, value);
    }
}
