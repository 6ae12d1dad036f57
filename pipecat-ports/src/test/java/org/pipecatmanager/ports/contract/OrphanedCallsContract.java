package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.OrphanedCalls;

/**
 * Every {@link OrphanedCalls} that outlives its daemon passes this. There is none in memory: what a daemon kept in memory
 * dies with it, and nobody has to close it.
 */
@Timeout(60)
public interface OrphanedCallsContract {
    /** The daemon that looks for the calls of others. */
    HostInstance SELF = new HostInstance("10.0.0.1", "self");
    /** A daemon that is gone. */
    HostInstance GONE = new HostInstance("10.0.0.7", "gone");
    /** Another run of the host we are. */
    HostInstance EARLIER = new HostInstance("10.0.0.1", "earlier");

    /** A store without records and events. */
    Harness newHarness();

    /** A store that several daemons share. */
    interface Harness extends AutoCloseable {
        /** What a daemon sees of it; it keeps events for a broker. */
        OrphanedCalls orphans(HostInstance self);

        /** Writes a new record as a daemon that accepted the call. */
        void insert(Pipecatcall call, HostInstance owner);

        /** Writes a record as another implementation that does not know about daemons. */
        void insertForeign(Pipecatcall call);

        /**
         * Replaces a record as the daemon that had accepted the call.
         *
         * @return whether it still may
         */
        boolean update(Pipecatcall call, HostInstance owner);

        /** Keeps an event of a call that has not left. */
        void keep(OutboxEntry entry, HostInstance owner);

        /** Events that have not left and leave from a daemon, in their order. */
        List<OutboxEntry> unsent(HostInstance daemon);

        Optional<Pipecatcall> find(PipecatcallId id);

        @Override
        void close();
    }

    @Test
    default void owners_are_others_with_calls_that_are_not_over_or_events_that_have_not_left() {
        try (var harness = newHarness()) {
            var sender = new HostInstance("10.0.0.8", "sender");
            harness.insert(Calls.starting(1), SELF);
            harness.insert(Calls.starting(2), GONE);
            harness.insert(Calls.starting(3), GONE);
            harness.insert(Calls.starting(4), EARLIER);
            harness.insert(Calls.ended(5), new HostInstance("10.0.0.5", "done"));
            harness.insertForeign(Calls.ofAnotherImplementation(6));
            harness.keep(event(5, 1, EventType.MESSAGE_BOT_LLM), sender);
            harness.keep(event(1, 1, EventType.MESSAGE_BOT_LLM), SELF);

            assertThat(harness.orphans(SELF).owners().stream().map(HostInstance::instanceId))
                    .containsExactlyInAnyOrder("gone", "earlier", "sender");
        }
    }

    @Test
    default void a_claimed_call_is_closed_as_host_lost_and_lost_to_its_owner() {
        try (var harness = newHarness()) {
            harness.insert(Calls.starting(1), GONE);
            harness.insert(Calls.starting(2), EARLIER);

            var claimed = harness.orphans(SELF).claim(GONE, Calls.at(50), 10);

            var closed = Calls.starting(1).withStatus(PipecatcallStatus.ENDED, EndReason.HOST_LOST, Calls.at(50));
            assertThat(claimed).containsExactly(closed);
            assertThat(harness.find(Calls.id(1))).contains(closed);
            assertThat(harness.find(Calls.id(2))).contains(Calls.starting(2));
            assertThat(harness.update(live(1), GONE)).isFalse();
            assertThat(harness.update(live(2), EARLIER)).isTrue();
            assertThat(harness.find(Calls.id(1))).contains(closed);
        }
    }

    @Test
    default void a_call_that_is_over_or_of_another_implementation_is_not_claimed() {
        try (var harness = newHarness()) {
            harness.insert(Calls.ended(1), GONE);
            harness.insertForeign(Calls.ofAnotherImplementation(2));
            assertThat(harness.orphans(SELF).claim(GONE, Calls.at(50), 10)).isEmpty();
            assertThat(harness.find(Calls.id(1))).contains(Calls.ended(1));
            assertThat(harness.unsent(SELF)).isEmpty();
        }
    }

    @Test
    default void a_claimed_call_ends_with_one_terminated_event_behind_its_others() {
        try (var harness = newHarness()) {
            harness.insert(Calls.starting(1), GONE);
            harness.keep(event(1, 1, EventType.PIPECATCALL_CREATED), GONE);
            harness.keep(event(1, 4, EventType.MESSAGE_BOT_LLM), GONE);
            harness.keep(event(9, 3, EventType.MESSAGE_BOT_LLM), EARLIER);

            harness.orphans(SELF).claim(GONE, Calls.at(50), 10);

            var unsent = harness.unsent(SELF);
            assertThat(unsent.stream().map(OutboxEntry::type))
                    .containsExactly("pipecatcall_created", "message_bot_llm", "pipecatcall_terminated");
            assertThat(unsent.stream().map(OutboxEntry::sequence)).containsExactly(1L, 4L, 5L);
            assertThat(unsent.getLast().body())
                    .contains("\"type\":\"pipecatcall_terminated\"")
                    .contains("\"end_reason\":\"host_lost\"")
                    .contains(Calls.id(1).toString());
            assertThat(harness.unsent(GONE)).isEmpty();
            assertThat(harness.unsent(EARLIER)).hasSize(1);
            assertThat(harness.orphans(SELF).owners())
                    .extracting(HostInstance::instanceId)
                    .containsExactly("earlier");
        }
    }

    @Test
    default void a_call_without_events_ends_with_the_first() {
        try (var harness = newHarness()) {
            harness.insert(Calls.starting(1), GONE);
            harness.orphans(SELF).claim(GONE, Calls.at(50), 10);
            assertThat(harness.unsent(SELF).stream().map(OutboxEntry::sequence)).containsExactly(1L);
        }
    }

    @Test
    default void a_call_whose_owner_had_ended_it_gets_no_second_terminated_event() {
        try (var harness = newHarness()) {
            harness.insert(Calls.starting(1), GONE);
            var own = event(1, 7, EventType.PIPECATCALL_TERMINATED);
            harness.keep(own, GONE);

            assertThat(harness.orphans(SELF).claim(GONE, Calls.at(50), 10)).hasSize(1);
            assertThat(harness.unsent(SELF)).containsExactly(own);
            assertThat(harness.find(Calls.id(1)).map(Pipecatcall::status)).contains(PipecatcallStatus.ENDED);
        }
    }

    @Test
    default void unsent_events_of_calls_that_were_over_leave_from_here_too() {
        try (var harness = newHarness()) {
            harness.insert(Calls.ended(1), GONE);
            var own = event(1, 7, EventType.PIPECATCALL_TERMINATED);
            harness.keep(own, GONE);
            assertThat(harness.orphans(SELF).claim(GONE, Calls.at(50), 10)).isEmpty();
            assertThat(harness.unsent(SELF)).containsExactly(own);
        }
    }

    @Test
    default void fewer_than_the_limit_means_that_none_is_left() {
        try (var harness = newHarness()) {
            for (long n = 1; n <= 5; n++) {
                harness.insert(Calls.starting(n), GONE);
            }
            var orphans = harness.orphans(SELF);
            assertThat(orphans.claim(GONE, Calls.at(50), 2)).hasSize(2);
            assertThat(orphans.claim(GONE, Calls.at(50), 2)).hasSize(2);
            assertThat(orphans.claim(GONE, Calls.at(50), 2)).hasSize(1);
            assertThat(orphans.claim(GONE, Calls.at(50), 2)).isEmpty();
        }
    }

    @Test
    default void of_two_that_claim_at_once_one_closes_each_call() throws Exception {
        int calls = 200;
        try (var harness = newHarness();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (long n = 1; n <= calls; n++) {
                harness.insert(Calls.starting(n), GONE);
                harness.keep(event(n, 1, EventType.PIPECATCALL_CREATED), GONE);
            }
            var other = new HostInstance("10.0.0.2", "other");
            var ready = new CountDownLatch(2);
            var claims = new ArrayList<Callable<List<Pipecatcall>>>();
            for (var self : List.of(SELF, other)) {
                claims.add(() -> {
                    ready.countDown();
                    ready.await();
                    return harness.orphans(self).claim(GONE, Calls.at(999), calls);
                });
            }
            var closed = new ArrayList<PipecatcallId>();
            for (var claim : executor.invokeAll(claims)) {
                claim.get().forEach(call -> closed.add(call.id()));
            }
            assertThat(closed).hasSize(calls).doesNotHaveDuplicates();
            int terminated = 0;
            for (var self : List.of(SELF, other)) {
                var unsent = harness.unsent(self);
                terminated += unsent.size() / 2;
                // Each call's events leave from one daemon, the last one last.
                for (var entry : unsent) {
                    var ofCall = unsent.stream()
                            .filter(one -> one.pipecatcallId().equals(entry.pipecatcallId()))
                            .map(OutboxEntry::type);
                    assertThat(ofCall).containsExactly("pipecatcall_created", "pipecatcall_terminated");
                }
            }
            assertThat(terminated).isEqualTo(calls);
        }
    }

    @Test
    default void the_last_event_of_a_claimed_call_is_in_the_trace_of_those_before_it() {
        var trace = TraceContext.random(new SequentialIds());
        try (var harness = newHarness()) {
            harness.insert(Calls.starting(1), GONE);
            harness.insert(Calls.starting(2), GONE);
            harness.keep(event(1, 1, EventType.PIPECATCALL_CREATED, trace), GONE);
            harness.keep(event(2, 1, EventType.PIPECATCALL_CREATED), GONE);
            harness.orphans(SELF).claim(GONE, Calls.at(50), 10);
            assertThat(harness.unsent(SELF))
                    .extracting(OutboxEntry::pipecatcallId, OutboxEntry::type, OutboxEntry::trace)
                    .containsExactlyInAnyOrder(
                            tuple(Calls.id(1), "pipecatcall_created", trace),
                            tuple(Calls.id(1), "pipecatcall_terminated", trace),
                            tuple(Calls.id(2), "pipecatcall_created", null),
                            tuple(Calls.id(2), "pipecatcall_terminated", null));
        }
    }

    private static OutboxEntry event(long n, long sequence, EventType type) {
        return event(n, sequence, type, null);
    }

    private static OutboxEntry event(long n, long sequence, EventType type, @Nullable TraceContext trace) {
        var id = SequentialIds.id(100_000 + 100 * n + sequence);
        var body = "{\"type\":\"" + type.wireName() + "\"}";
        return new OutboxEntry(id, Calls.id(n), type.wireName(), sequence, body, true, trace);
    }

    private static Pipecatcall live(long n) {
        return Calls.starting(n).withStatus(PipecatcallStatus.LIVE, null, Calls.at(60));
    }
}
