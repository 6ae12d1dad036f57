package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * Calls that put whatever comes to their mind, a relay that sends and fails as it likes, and what must be true at the end:
 * every event once and in the order of its call, no delta after what followed it, every message, the last record.
 */
final class Workload {
    private final JournalRig rig;
    private final int calls;
    private final int entriesPerCall;
    private final Random random;
    private Duration pace = Duration.ZERO;
    /** Per call, the sequences of the events that must arrive; each list belongs to the thread of its call. */
    private final Map<Integer, List<Long>> expected = new HashMap<>();

    private final Map<Integer, Integer> messages = new HashMap<>();
    private final Map<Integer, String> records = new HashMap<>();

    Workload(JournalRig rig, int calls, int entriesPerCall, long seed) {
        this.rig = rig;
        this.calls = calls;
        this.entriesPerCall = entriesPerCall;
        this.random = new Random(seed);
    }

    /** Between two entries of a call; without it they come as fast as they can. */
    Workload paced(Duration newPace) {
        pace = newPace;
        return this;
    }

    /** Runs it; {@code trouble} is called between its parts, on another thread, until all is put. */
    void run(Callable<Void> trouble) throws Exception {
        rig.insertCalls(calls);
        var allPut = new AtomicBoolean();
        try (var threads = Executors.newCachedThreadPool()) {
            var relay = threads.submit(relay(new Random(random.nextLong()), allPut));
            var troubling = threads.submit(() -> {
                while (!allPut.get()) {
                    trouble.call();
                }
                return null;
            });
            var putting = new ArrayList<Future<?>>();
            for (int call = 1; call <= calls; call++) {
                int number = call;
                expected.put(number, new ArrayList<>());
                long seed = random.nextLong();
                putting.add(threads.submit(() -> put(number, new Random(seed))));
            }
            try {
                for (var put : putting) {
                    put.get();
                }
            } finally {
                allPut.set(true);
            }
            troubling.get();
            rig.sql.mend();
            check(relay.get());
        }
    }

    private void put(int call, Random choice) {
        long sequence = 0;
        int position = 0;
        String host = "";
        var events = new ArrayList<Long>();
        for (int i = 0; i < entriesPerCall; i++) {
            switch (choice.nextInt(8)) {
                case 0 -> {
                    host = "host-" + i;
                    rig.journal.update(JournalRig.state(call, host));
                }
                case 1 -> rig.journal.said(JournalRig.message(call, ++position));
                case 2 -> rig.journal.turn(JournalRig.turn(call, i));
                case 3, 4, 5 -> rig.publishIntermediate(call, ++sequence);
                default -> {
                    rig.publish(call, ++sequence);
                    events.add(sequence);
                }
            }
            if (!pace.isZero() || choice.nextInt(20) == 0) {
                LockSupport.parkNanos(Math.max(pace.toNanos(), 100_000));
            }
        }
        synchronized (this) {
            expected.put(call, events);
            messages.put(call, position);
            records.put(call, host);
        }
    }

    private Callable<List<OutboxEntry>> relay(Random choice, AtomicBoolean allPut) {
        return () -> {
            var sent = new ArrayList<OutboxEntry>();
            long deadline =
                    System.nanoTime() + JournalRig.ENOUGH.multipliedBy(4).toNanos();
            while (System.nanoTime() - deadline < 0) {
                var some = rig.journal.peek(1 + choice.nextInt(40), Duration.ofMillis(20));
                // The broker confirms a part; deltas of the rest are gone.
                var confirmed = choice.nextInt(4) == 0 ? some.subList(0, choice.nextInt(some.size() + 1)) : some;
                rig.journal.remove(confirmed);
                sent.addAll(confirmed);
                if (allPut.get() && lasting(sent) >= expectedEvents()) {
                    sent.addAll(rig.journal.peek(100, Duration.ofSeconds(3)));
                    return sent;
                }
            }
            throw new AssertionError(lasting(sent) + " of " + expectedEvents() + " events came");
        };
    }

    private static long lasting(List<OutboxEntry> sent) {
        return sent.stream().filter(OutboxEntry::lasting).count();
    }

    private synchronized int expectedEvents() {
        return expected.values().stream().mapToInt(List::size).sum();
    }

    private void check(List<OutboxEntry> sent) {
        var byCall = new HashMap<PipecatcallId, List<OutboxEntry>>();
        for (var entry : sent) {
            byCall.computeIfAbsent(entry.pipecatcallId(), id -> new ArrayList<>())
                    .add(entry);
        }
        rig.awaitWritten();
        for (int call = 1; call <= calls; call++) {
            var events = byCall.getOrDefault(Calls.id(call), List.of());
            assertThat(events)
                    .as("order of call %d", call)
                    .extracting(OutboxEntry::sequence)
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(events.stream().filter(OutboxEntry::lasting).map(OutboxEntry::sequence))
                    .as("events of call %d", call)
                    .containsExactlyElementsOf(expected.getOrDefault(call, List.of()));
            assertThat(rig.journal.pending(Calls.id(call))).isEmpty();
            var id = "X'" + Calls.id(call).toString().replace("-", "") + "'";
            assertThat(Rows.text(rig.database, "SELECT count(*) FROM pipecat_messages WHERE pipecatcall_id = " + id))
                    .isEqualTo(String.valueOf(messages.get(call)));
            if (!String.valueOf(records.get(call)).isEmpty()) {
                assertThat(Rows.text(rig.database, "SELECT host_id FROM pipecat_pipecatcalls WHERE id = " + id))
                        .isEqualTo(records.get(call));
            }
        }
        assertThat(rig.lost).isEmpty();
        assertThat(rig.meter.refused.get()).isZero();
        JournalRig.await("the spool to be empty", () -> rig.meter.spooled.get() == 0);
    }
}
