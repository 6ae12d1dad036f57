package org.pipecatmanager.ports.out;

import java.time.Duration;

/** Runs something later. Safe for all threads. */
public interface Alarms {
    /**
     * Sets an alarm.
     *
     * @param action runs once, on a thread of the implementation; must be short and must not throw
     * @return to call it off
     */
    Alarm after(Duration delay, Runnable action);

    /** A pending action. */
    interface Alarm {
        /** Calls it off; without effect when it runs or ran. */
        void cancel();
    }
}
