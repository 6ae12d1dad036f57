package org.pipecatmanager.domain.engine;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.session.Deadline;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.Alarms.Alarm;
import org.pipecatmanager.ports.out.TimeSource;

/** The alarms of one session, at most one per deadline and one for the conversation. Touched by the session's thread only. */
final class SessionAlarms {
    private final Alarms alarms;
    private final TimeSource time;
    private final Map<Deadline, Alarm> byDeadline = new EnumMap<>(Deadline.class);
    private @Nullable Alarm forConversation;
    private boolean over;

    SessionAlarms(Alarms alarms, TimeSource time) {
        this.alarms = alarms;
        this.time = time;
    }

    void wakeAt(Deadline deadline, long atNanos, Runnable action) {
        if (!over) {
            Alarm before = byDeadline.put(deadline, alarms.after(until(atNanos), action));
            if (before != null) {
                before.cancel();
            }
        }
    }

    void wakeConversationAt(long atNanos, Runnable action) {
        if (forConversation != null) {
            forConversation.cancel();
        }
        forConversation = over ? null : alarms.after(until(atNanos), action);
    }

    /** Calls all off; none is set afterwards. */
    void cancelAll() {
        over = true;
        byDeadline.values().forEach(Alarm::cancel);
        byDeadline.clear();
        if (forConversation != null) {
            forConversation.cancel();
        }
    }

    private Duration until(long atNanos) {
        return Duration.ofNanos(Math.max(0, atNanos - time.nanoTime()));
    }
}
