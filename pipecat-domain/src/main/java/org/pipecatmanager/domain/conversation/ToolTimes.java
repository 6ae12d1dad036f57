package org.pipecatmanager.domain.conversation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.model.ToolActivity;

/**
 * Tells of each tool call once that it began and once that it came back.
 *
 * <p>Two sources tell of them: the runner's messages, which alone know of built-in tools and cancelled calls, and our own
 * carrying out, which alone knows the result. Whichever comes first counts.
 */
final class ToolTimes {
    /** Tool calls remembered; the oldest is forgotten first. */
    static final int MAX_REMEMBERED = 256;

    /**
     * A call of a tool.
     *
     * @param ours whether we carry it out, and it comes back whatever becomes of the runner
     */
    private record Call(String name, long since, boolean ours, boolean over) {
        Call asOver() {
            return new Call(name, since, ours, true);
        }
    }

    private final SessionRef ref;
    private final Conversation.Output output;
    private final LinkedHashMap<String, Call> calls = new LinkedHashMap<>();

    ToolTimes(SessionRef ref, Conversation.Output output) {
        this.ref = ref;
        this.output = output;
    }

    void started(String id, String name, long now) {
        started(id, new Call(name, now, false, false));
    }

    /** The same, of one that we carry out. */
    void carriedOut(String id, String name, long now) {
        Call known = calls.get(id);
        if (known != null) {
            calls.put(id, new Call(known.name(), known.since(), true, known.over()));
        } else {
            started(id, new Call(name, now, true, false));
        }
    }

    private void started(String id, Call call) {
        if (calls.putIfAbsent(id, call) != null) {
            return;
        }
        if (calls.size() > MAX_REMEMBERED) {
            calls.pollFirstEntry();
        }
        output.publish(EventType.TOOL_CALL_STARTED, new ToolActivity(ref, id, call.name(), false, 0));
    }

    /** Whether one that began has not come back. */
    boolean isRunning() {
        return calls.values().stream().anyMatch(call -> !call.over());
    }

    /** The runner is gone, and with it what it was carrying out itself. */
    void lost(long now) {
        List<String> gone = calls.entrySet().stream()
                .filter(entry -> !entry.getValue().ours())
                .map(Map.Entry::getKey)
                .toList();
        gone.forEach(id -> finished(id, false, now));
    }

    void finished(String id, boolean succeeded, long now) {
        Call call = calls.get(id);
        if (call == null || call.over()) {
            return;
        }
        calls.put(id, call.asOver());
        long tookMillis = TimeUnit.NANOSECONDS.toMillis(now - call.since());
        output.publish(EventType.TOOL_CALL_FINISHED, new ToolActivity(ref, id, call.name(), succeeded, tookMillis));
    }
}
