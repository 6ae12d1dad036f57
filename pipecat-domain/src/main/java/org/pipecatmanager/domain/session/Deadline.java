package org.pipecatmanager.domain.session;

/** What can take too long. At most one alarm per constant is pending for a session. */
public enum Deadline {
    /** Other services do not say what the call needs. */
    PREPARE,
    /** The caller's leg has not connected. */
    LEG,
    /** The runner has not connected back. */
    RUNNER,
    /** The pause before another try to replace a lost runner. */
    RETRY,
    /** Nobody speaks. */
    IDLE,
    /** The call goes on and on. */
    MAX_DURATION,
    /** Leg, links, pipeline and external media do not close. */
    ENDING
}
