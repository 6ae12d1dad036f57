package org.pipecatmanager.ports.memory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.CallHistory;

/** What was said in the latest calls, in memory; the oldest call is forgotten first. Safe for all threads, never blocks. */
public final class InMemoryCallHistory implements CallHistory {
    private final Map<PipecatcallId, Call> calls;

    /**
     * Makes an empty one.
     *
     * @param capacity calls kept, 1 or more
     */
    public InMemoryCallHistory(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity + "; keep 1 call or more");
        }
        calls = new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<PipecatcallId, Call> eldest) {
                return size() > capacity;
            }
        };
    }

    @Override
    public void said(SpokenMessage message) {
        synchronized (calls) {
            callOf(message.pipecatcallId()).messages.putIfAbsent(message.position(), message);
        }
    }

    @Override
    public void turn(Turn turn) {
        synchronized (calls) {
            callOf(turn.pipecatcallId()).turns.put(turn.number(), turn);
        }
    }

    @Override
    public void report(CallReport report) {
        synchronized (calls) {
            callOf(report.pipecatcallId()).report = report;
        }
    }

    @Override
    public Optional<CallReport> report(PipecatcallId id) {
        synchronized (calls) {
            Call call = calls.get(id);
            return call == null ? Optional.empty() : Optional.ofNullable(call.report);
        }
    }

    @Override
    public List<SpokenMessage> messages(PipecatcallId id) {
        synchronized (calls) {
            Call call = calls.get(id);
            return call == null ? List.of() : new ArrayList<>(call.messages.values());
        }
    }

    @Override
    public List<Turn> turns(PipecatcallId id) {
        synchronized (calls) {
            Call call = calls.get(id);
            return call == null ? List.of() : new ArrayList<>(call.turns.values());
        }
    }

    private Call callOf(PipecatcallId id) {
        return calls.computeIfAbsent(id, unused -> new Call());
    }

    private static final class Call {
        final Map<Integer, SpokenMessage> messages = new TreeMap<>();
        final Map<Integer, Turn> turns = new TreeMap<>();

        @Nullable
        CallReport report;
    }
}
