package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.Outbox;

/** Every {@link Outbox} passes this. */
@Timeout(120)
public interface OutboxContract {
    /** An outbox with nothing in it. */
    Harness newHarness();

    /** An outbox and what fills it. */
    interface Harness extends AutoCloseable {
        Outbox outbox();

        /** What is published here comes out of the outbox; calls 1 to 3 have records. */
        EventPublisher publisher();

        @Override
        void close();
    }

    @Test
    default void entries_come_oldest_first_and_stay_until_they_are_removed() throws Exception {
        try (var harness = newHarness()) {
            publish(harness, 1, 5);
            var first = await(harness, 5);
            assertThat(first).extracting(OutboxEntry::sequence).containsExactly(1L, 2L, 3L, 4L, 5L);
            assertThat(await(harness, 5)).isEqualTo(first);
            harness.outbox().remove(first.subList(0, 2));
            assertThat(await(harness, 3)).isEqualTo(first.subList(2, 5));
        }
    }

    @Test
    default void what_was_removed_does_not_come_again() throws Exception {
        try (var harness = newHarness()) {
            publish(harness, 1, 300);
            var sent = new ArrayList<OutboxEntry>();
            while (sent.size() < 300) {
                var some = harness.outbox().peek(7, Duration.ofSeconds(20));
                assertThat(some).isNotEmpty();
                harness.outbox().remove(some);
                harness.outbox().remove(some);
                sent.addAll(some);
            }
            assertThat(sent).extracting(OutboxEntry::sequence).isSorted().doesNotHaveDuplicates();
            assertThat(harness.outbox().peek(7, Duration.ofSeconds(3))).isEmpty();
        }
    }

    @Test
    default void an_entry_is_the_event_with_an_id_of_its_own() throws Exception {
        try (var harness = newHarness()) {
            var types = new ArrayList<>(List.of(EventType.values()));
            types.remove(EventType.MESSAGE_BOT_LLM_INTERMEDIATE);
            for (var type : types) {
                harness.publisher().publish(Events.ofType(type, 2, types.indexOf(type)));
            }
            var ids = new HashSet<>();
            for (var entry : await(harness, types.size())) {
                var type = types.get((int) entry.sequence());
                assertThat(entry.type()).isEqualTo(type.wireName());
                assertThat(entry.pipecatcallId()).isEqualTo(Calls.id(2));
                assertThat(entry.lasting()).isTrue();
                assertThat(entry.trace()).isEqualTo(Events.TRACE);
                assertThat(entry.body())
                        .contains("\"publisher\":\"pipecat-manager\"")
                        .contains(type.wireName());
                assertThat(ids.add(entry.messageId())).isTrue();
            }
        }
    }

    @Test
    default void a_delta_comes_once_and_in_its_place() throws Exception {
        try (var harness = newHarness()) {
            harness.publisher().publish(Events.message(1, 1));
            harness.publisher().publish(delta(1, 2));
            harness.publisher().publish(Events.message(1, 3));
            var lasting = new ArrayList<Long>();
            var all = new ArrayList<Long>();
            while (!lasting.contains(3L)) {
                for (var entry : harness.outbox().peek(10, Duration.ofSeconds(20))) {
                    if (!all.contains(entry.sequence())) {
                        all.add(entry.sequence());
                    }
                    if (entry.lasting() && !lasting.contains(entry.sequence())) {
                        lasting.add(entry.sequence());
                    }
                }
            }
            assertThat(all).isSorted();
            assertThat(lasting).containsExactly(1L, 3L);
            assertThat(harness.outbox().peek(10, Duration.ZERO)).allMatch(OutboxEntry::lasting);
        }
    }

    @Test
    default void a_relay_that_waits_is_woken() throws Exception {
        try (var harness = newHarness()) {
            var waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return harness.outbox().peek(1, Duration.ofSeconds(60));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            harness.publisher().publish(Events.message(3, 1));
            assertThat(waiting.get(60, TimeUnit.SECONDS))
                    .extracting(OutboxEntry::pipecatcallId)
                    .containsExactly(Calls.id(3));
        }
    }

    @Test
    default void an_empty_outbox_gives_nothing() throws Exception {
        try (var harness = newHarness()) {
            assertThat(harness.outbox().peek(10, Duration.ZERO)).isEmpty();
            harness.outbox().remove(List.of());
        }
    }

    private static CallEvent delta(long call, long sequence) {
        return Events.ofType(EventType.MESSAGE_BOT_LLM_INTERMEDIATE, call, sequence);
    }

    private static void publish(Harness harness, long call, long count) {
        for (long sequence = 1; sequence <= count; sequence++) {
            harness.publisher().publish(Events.message(call, sequence));
        }
    }

    /** The oldest entries once there are that many. */
    private static List<OutboxEntry> await(Harness harness, int count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        var entries = harness.outbox().peek(count, Duration.ofSeconds(20));
        while (entries.size() < count) {
            assertThat(System.nanoTime() - deadline)
                    .as("waited for %d, got %s", count, entries)
                    .isNegative();
            entries = harness.outbox().peek(count, Duration.ofSeconds(20));
        }
        return entries;
    }
}
