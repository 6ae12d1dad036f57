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
 * @param runnerRetries how many tries there are to replace a lost runner while the caller is kept; 0 ends the call at once
 */
public record SessionLimits(
        Duration legTimeout,
        Duration runnerTimeout,
        Duration idleTimeout,
        Duration maxDuration,
        Duration endingTimeout,
        int runnerRetries) {
    /** More tries than that are a daemon that cannot let go. */
    public static final int MAX_RUNNER_RETRIES = 10;

    /** 30 s, 15 s, 300 s, 2 h, 5 s, 2 tries. */
    public static final SessionLimits DEFAULTS = new SessionLimits(
            Duration.ofSeconds(30),
            Duration.ofSeconds(15),
            Duration.ofSeconds(300),
            Duration.ofHours(2),
            Duration.ofSeconds(5),
            2);

    public SessionLimits {
        requirePositive("leg_timeout", legTimeout);
        requirePositive("runner_timeout", runnerTimeout);
        requirePositive("idle_timeout", idleTimeout);
        requirePositive("max_duration", maxDuration);
        requirePositive("ending_timeout", endingTimeout);
        if (runnerRetries < 0 || runnerRetries > MAX_RUNNER_RETRIES) {
            throw new IllegalArgumentException(
                    "runner_retries is " + runnerRetries + "; use 0 to " + MAX_RUNNER_RETRIES);
        }
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + "; set a positive duration such as 30s");
        }
    }

    public SessionLimits withLegTimeout(Duration value) {
        return new SessionLimits(value, runnerTimeout, idleTimeout, maxDuration, endingTimeout, runnerRetries);
    }

    public SessionLimits withRunnerTimeout(Duration value) {
        return new SessionLimits(legTimeout, value, idleTimeout, maxDuration, endingTimeout, runnerRetries);
    }

    public SessionLimits withIdleTimeout(Duration value) {
        return new SessionLimits(legTimeout, runnerTimeout, value, maxDuration, endingTimeout, runnerRetries);
    }

    public SessionLimits withMaxDuration(Duration value) {
        return new SessionLimits(legTimeout, runnerTimeout, idleTimeout, value, endingTimeout, runnerRetries);
    }

    public SessionLimits withEndingTimeout(Duration value) {
        return new SessionLimits(legTimeout, runnerTimeout, idleTimeout, maxDuration, value, runnerRetries);
    }

    public SessionLimits withRunnerRetries(int value) {
        return new SessionLimits(legTimeout, runnerTimeout, idleTimeout, maxDuration, endingTimeout, value);
    }
}
