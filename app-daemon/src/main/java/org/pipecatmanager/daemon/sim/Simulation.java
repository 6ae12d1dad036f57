package org.pipecatmanager.daemon.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs calls in real time on the calling thread and measures its own clock.
 *
 * <p>Frames are sent against absolute deadlines; how late each one was is kept, because a late probe measures itself.
 */
final class Simulation {
    /** How long after their hangup callers wait for the server to close. */
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(3);
    /** Calls connect this far apart, so that set-up is not what is measured. */
    private static final Duration RAMP = Duration.ofMillis(7);

    private final InetSocketAddress server;
    private final List<SimulatedCall> calls;
    private final Duration length;
    private final Spread probeLateness = new Spread();

    Simulation(InetSocketAddress server, List<SimulatedCall> calls, Duration length) {
        this.server = server;
        this.calls = List.copyOf(calls);
        this.length = length;
    }

    /** Runs until every call is over: hung up by the server, by its script, or after the configured time. */
    void run() throws IOException {
        try (Selector selector = Selector.open()) {
            List<SimulatedCall> waiting = new ArrayList<>(calls);
            PriorityQueue<Due> due = new PriorityQueue<>((a, b) -> Long.compare(a.nanos, b.nanos));
            long start = System.nanoTime();
            long end = start + length.toNanos();
            boolean hungUp = false;
            while (true) {
                long now = System.nanoTime();
                while (!waiting.isEmpty() && now - start >= RAMP.toNanos() * (calls.size() - waiting.size())) {
                    waiting.removeFirst().connect(selector, server);
                }
                sendDue(due);
                if (!hungUp && now - end >= 0) {
                    hungUp = true;
                    calls.stream().filter(call -> !call.isOver()).forEach(SimulatedCall::hangUp);
                    due.clear();
                }
                if (waiting.isEmpty() && calls.stream().allMatch(SimulatedCall::isOver)) {
                    return;
                }
                if (hungUp && now - end > CLOSE_WAIT.toNanos()) {
                    calls.forEach(SimulatedCall::abandon);
                    return;
                }
                await(selector, due, waiting.isEmpty());
            }
        }
    }

    private record Due(long nanos, SimulatedCall call) {}

    private void sendDue(PriorityQueue<Due> due) {
        for (Due next = due.peek(); next != null; next = due.peek()) {
            long now = System.nanoTime();
            if (next.nanos - now > 0) {
                return;
            }
            due.poll();
            if (next.call.nextDueNanos() == Long.MAX_VALUE) {
                continue;
            }
            probeLateness.add(now - next.nanos);
            next.call.sendDue(now);
            if (next.call.nextDueNanos() != Long.MAX_VALUE) {
                due.add(new Due(next.call.nextDueNanos(), next.call));
            }
        }
    }

    private static void await(Selector selector, PriorityQueue<Due> due, boolean allConnecting) throws IOException {
        long untilDue = due.isEmpty() ? Long.MAX_VALUE : due.peek().nanos - System.nanoTime();
        long millis = Math.min(allConnecting ? 20 : 1, untilDue / 1_000_000);
        if (millis > 0) {
            selector.select(millis);
        } else {
            if (untilDue > 50_000) {
                LockSupport.parkNanos(Math.min(untilDue, 200_000));
            }
            selector.selectNow();
        }
        long now = System.nanoTime();
        for (var key : selector.selectedKeys()) {
            SimulatedCall call = (SimulatedCall) key.attachment();
            boolean wasIdle = call.nextDueNanos() == Long.MAX_VALUE;
            call.ready(key, now);
            if (wasIdle && call.nextDueNanos() != Long.MAX_VALUE) {
                due.add(new Due(call.nextDueNanos(), call));
            }
        }
        selector.selectedKeys().clear();
    }

    List<SimulatedCall> calls() {
        return calls;
    }

    /** How late the simulation's own frames were. */
    Spread probeLateness() {
        return probeLateness;
    }
}
