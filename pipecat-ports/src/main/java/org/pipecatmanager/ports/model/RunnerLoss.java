package org.pipecatmanager.ports.model;

import java.util.Locale;

/** How a runner was lost, or a try to replace it came to nothing. Published: add, never rename. */
public enum RunnerLoss {
    /** Its connection broke, or it closed it without a goodbye. */
    LINK_LOST,
    /** It said itself that its pipeline broke. */
    PIPELINE_FAILED,
    /** It answered the start with an error. */
    REFUSED,
    /** It could not be reached. */
    UNREACHABLE,
    /** It did not connect back in time. */
    TIMED_OUT;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    public String wireName() {
        return wireName;
    }
}
