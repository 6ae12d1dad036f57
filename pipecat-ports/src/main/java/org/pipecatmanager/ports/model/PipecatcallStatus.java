package org.pipecatmanager.ports.model;

/** Where the record of a call stands. Stored and published: add, never rename. */
public enum PipecatcallStatus {
    /** Accepted; leg and runner are being waited for. */
    STARTING("starting"),
    /** Caller and bot can hear each other; also while a lost runner is being replaced. */
    LIVE("live"),
    /** Ending for a known reason; leg and runner are being closed. */
    ENDING("ending"),
    /** Over; the record is closed. */
    ENDED("ended");

    private final String wireName;

    PipecatcallStatus(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /**
     * The constant of a wire name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static PipecatcallStatus ofWireName(String name) {
        for (PipecatcallStatus status : values()) {
            if (status.wireName.equals(name)) {
                return status;
            }
        }
        throw new IllegalArgumentException(
                "status '" + name + "' is unknown; use one of starting, live, ending, ended");
    }
}
