package org.pipecatmanager.daemon.logging;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.EventPublisher;

/**
 * The traces of the latest calls, for log lines that come from no thread of theirs; learns them from the events that pass.
 *
 * <p>One for the process, as the log is. Safe for all threads.
 */
public final class CallTraces implements EventPublisher {
    /** Ten times the calls of a full daemon: half a megabyte at most. */
    private static final int REMEMBERED = 4_000;

    private static final Map<String, String> TRACES = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    });

    private final EventPublisher next;

    /** Passes every event on. */
    public CallTraces(EventPublisher next) {
        this.next = next;
    }

    @Override
    public void publish(CallEvent event) {
        TraceContext trace = event.trace();
        if (event.type() == EventType.PIPECATCALL_CREATED && trace != null) {
            TRACES.put(event.id().toString(), trace.traceId());
        }
        next.publish(event);
    }

    static Optional<String> traceOf(String callId) {
        return Optional.ofNullable(TRACES.get(callId));
    }
}
