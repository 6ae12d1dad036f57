package org.pipecatmanager.daemon.http;

import java.util.function.BooleanSupplier;

/** Whether this daemon should get calls, for {@code /readyz}. Safe for all threads. */
public final class Readiness {
    private final BooleanSupplier runner;
    private volatile String state = "starting";

    /**
     * Makes one that is starting.
     *
     * @param runner whether there is a runner that answers; may block briefly
     */
    public Readiness(BooleanSupplier runner) {
        this.runner = runner;
    }

    /** Everything is up. */
    public void started() {
        state = "ready";
    }

    /** No more calls are taken. */
    public void stopping() {
        state = "stopping";
    }

    /** {@code ready}, {@code starting}, {@code stopping} or {@code no_runner}. */
    public String state() {
        String now = state;
        return now.equals("ready") && !runner.getAsBoolean() ? "no_runner" : now;
    }
}
