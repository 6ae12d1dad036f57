package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.PipecatcallStore;

/** Every {@link PipecatcallStore} passes this. */
public interface PipecatcallStoreContract {
    /** An empty store that keeps at least 50 records. */
    PipecatcallStore newStore();

    @Test
    default void an_inserted_record_is_found_as_it_was() {
        var store = newStore();
        assertThat(store.insert(Calls.starting(1), "h1")).isTrue();
        assertThat(store.insert(Calls.bare(2), "h2")).isTrue();

        assertThat(store.find(Calls.id(1))).contains(Calls.starting(1));
        assertThat(store.find(Calls.id(2))).contains(Calls.bare(2));
    }

    @Test
    default void an_unknown_id_has_no_record_and_no_fingerprint() {
        var store = newStore();
        assertThat(store.find(Calls.id(1))).isEmpty();
        assertThat(store.requestHash(Calls.id(1))).isEmpty();
    }

    @Test
    default void a_second_insert_of_an_id_is_refused_and_changes_nothing() {
        var store = newStore();
        store.insert(Calls.starting(1), "h1");

        assertThat(store.insert(Calls.bare(1), "h2")).isFalse();
        assertThat(store.find(Calls.id(1))).contains(Calls.starting(1));
        assertThat(store.requestHash(Calls.id(1))).contains("h1");
    }

    @Test
    default void of_concurrent_inserts_of_one_id_exactly_one_wins() throws Exception {
        var store = newStore();
        int rivals = 8;
        var ready = new CountDownLatch(rivals);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var attempts = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < rivals; i++) {
                var hash = "h" + i;
                attempts.add(() -> {
                    ready.countDown();
                    ready.await();
                    return store.insert(Calls.starting(1), hash);
                });
            }
            int won = 0;
            for (var attempt : executor.invokeAll(attempts)) {
                won += attempt.get() ? 1 : 0;
            }
            assertThat(won).isEqualTo(1);
        }
    }

    @Test
    default void an_update_replaces_the_record_and_keeps_the_fingerprint() {
        var store = newStore();
        store.insert(Calls.starting(1), "h1");
        var ended = Calls.starting(1).withStatus(PipecatcallStatus.ENDED, EndReason.CALLER_HUNG_UP, Calls.at(9));

        assertThat(store.update(ended)).isTrue();
        assertThat(store.find(Calls.id(1))).contains(ended);
        assertThat(store.requestHash(Calls.id(1))).contains("h1");
    }

    @Test
    default void an_update_that_changes_nothing_finds_its_record_too() {
        var store = newStore();
        store.insert(Calls.starting(1), "h1");
        assertThat(store.update(Calls.starting(1))).isTrue();
    }

    @Test
    default void an_update_of_an_unknown_id_writes_nothing() {
        var store = newStore();
        assertThat(store.update(Calls.starting(1))).isFalse();
        assertThat(store.find(Calls.id(1))).isEmpty();
    }

    @Test
    default void a_listing_is_newest_first_and_empty_when_there_is_nothing() {
        var store = newStore();
        assertThat(store.list(ListQuery.all()).result()).isEmpty();
        for (long n : List.of(2L, 3L, 1L)) {
            store.insert(Calls.starting(n), "h");
        }
        var page = store.list(ListQuery.all());
        assertThat(page.result()).containsExactly(Calls.starting(3), Calls.starting(2), Calls.starting(1));
        assertThat(page.nextPageToken()).isEmpty();
    }

    @Test
    default void pages_join_to_the_whole_listing_also_where_moments_are_equal() {
        var store = newStore();
        for (long n = 1; n <= 6; n++) {
            store.insert(n <= 4 ? Calls.createdAt(Calls.bare(n), Calls.at(0)) : Calls.bare(n), "h");
        }
        var whole = store.list(ListQuery.all()).result();

        for (int size : new int[] {1, 2, 3, 4, 6}) {
            var joined = new ArrayList<Pipecatcall>();
            var token = "";
            int pages = 0;
            do {
                var page = store.list(new ListQuery(size, token, null, null, null, null));
                joined.addAll(page.result());
                token = page.nextPageToken();
                pages++;
            } while (!token.isEmpty() && pages < 10);
            assertThat(joined).as("pages of %d", size).isEqualTo(whole);
            assertThat(pages).as("pages of %d", size).isEqualTo((6 + size - 1) / size);
        }
    }

    @Test
    default void a_page_goes_on_where_the_one_before_ended_although_newer_records_came() {
        var store = newStore();
        IntStream.rangeClosed(1, 4).forEach(n -> store.insert(Calls.bare(n), "h"));
        var first = store.list(new ListQuery(2, "", null, null, null, null));
        store.insert(Calls.bare(5), "h");

        assertThat(store.list(new ListQuery(2, first.nextPageToken(), null, null, null, null))
                        .result())
                .containsExactly(Calls.bare(2), Calls.bare(1));
    }

    @Test
    default void each_criterion_filters_and_all_must_match() {
        var store = newStore();
        store.insert(Calls.starting(1), "h");
        store.insert(Calls.starting(2), "h");
        store.insert(Calls.bare(3), "h");
        store.insert(Calls.ended(4), "h");
        var one = Calls.starting(1);

        assertThat(listed(store, new ListQuery(50, "", one.customerId(), null, null, null)))
                .containsExactly(1L);
        assertThat(listed(store, new ListQuery(50, "", null, one.referenceId(), null, null)))
                .containsExactly(1L);
        assertThat(listed(store, new ListQuery(50, "", null, null, "local", null)))
                .containsExactly(3L);
        assertThat(listed(store, new ListQuery(50, "", null, null, null, PipecatcallStatus.ENDED)))
                .containsExactly(4L);
        assertThat(listed(store, new ListQuery(50, "", null, null, "10.0.0.7", PipecatcallStatus.STARTING)))
                .containsExactly(2L, 1L);
        assertThat(listed(store, new ListQuery(50, "", one.customerId(), null, "local", null)))
                .isEmpty();
    }

    @Test
    default void a_filter_holds_across_pages() {
        var store = newStore();
        for (long n = 1; n <= 6; n++) {
            store.insert(n % 2 == 0 ? Calls.starting(n) : Calls.ended(n), "h");
        }
        var first = store.list(new ListQuery(2, "", null, null, null, PipecatcallStatus.ENDED));
        assertThat(numbers(first.result())).containsExactly(5L, 3L);
        var second = store.list(new ListQuery(2, first.nextPageToken(), null, null, null, PipecatcallStatus.ENDED));
        assertThat(numbers(second.result())).containsExactly(1L);
        assertThat(second.nextPageToken()).isEmpty();
    }

    @Test
    default void a_token_that_is_not_ours_never_fails() {
        var store = newStore();
        store.insert(Calls.starting(1), "h");
        for (String token : new String[] {"x", "%%%", "bm90IG91cnM", "' OR 1=1 --", "a".repeat(10_000)}) {
            assertThat(store.list(new ListQuery(5, token, null, null, null, null))
                            .result())
                    .hasSizeLessThanOrEqualTo(1);
        }
    }

    @Test
    default void any_text_of_any_length_comes_back() {
        var store = newStore();
        var line = "Grüße 😀 \" \\ ' \n \t \u0001 ";
        var messages = List.<Map<String, Object>>of(
                Map.of("role", "system", "content", line.repeat(1_000_000 / line.length())),
                Map.of("depth", Map.of("list", List.of(1, 2.5, true, Map.of("k", "v"))), "", "empty"));
        var call = Calls.with(Calls.starting(1), messages, "voice 😀");
        store.insert(call, "h");
        assertThat(store.find(call.id())).contains(call);

        var ended = call.withStatus(PipecatcallStatus.ENDED, EndReason.IDLE, Calls.at(2));
        store.update(ended);
        assertThat(store.find(call.id())).contains(ended);
    }

    @Test
    default void times_keep_their_microseconds() {
        var store = newStore();
        var call = Calls.createdAt(Calls.bare(1), Calls.at(1).plusNanos(123_456_000));
        store.insert(call, "h");
        assertThat(store.find(call.id())).contains(call);
        assertThat(store.list(ListQuery.all()).result()).containsExactly(call);
    }

    @Test
    default void a_record_without_status_and_times_is_found_and_listed_last() {
        var store = newStore();
        var foreign = Calls.ofAnotherImplementation(9);
        store.insert(foreign, "h");
        store.insert(Calls.starting(1), "h");
        store.insert(Calls.ofAnotherImplementation(8), "h");

        assertThat(store.find(foreign.id())).contains(foreign);
        assertThat(listed(store, ListQuery.all())).containsExactly(1L, 9L, 8L);
        for (int size = 1; size <= 2; size++) {
            var first = store.list(new ListQuery(size, "", null, null, null, null));
            assertThat(listed(store, new ListQuery(50, first.nextPageToken(), null, null, null, null)))
                    .isEqualTo(List.of(1L, 9L, 8L).subList(size, 3));
        }
        assertThat(listed(store, new ListQuery(50, "", null, null, null, PipecatcallStatus.STARTING)))
                .containsExactly(1L);
    }

    @Test
    default void a_record_marked_as_deleted_is_found_but_not_listed() {
        var store = newStore();
        var deleted = Calls.deleted(1);
        store.insert(deleted, "h");
        store.insert(Calls.starting(2), "h");

        assertThat(store.find(deleted.id())).contains(deleted);
        assertThat(listed(store, ListQuery.all())).containsExactly(2L);
    }

    private static List<Long> listed(PipecatcallStore store, ListQuery query) {
        return numbers(store.list(query).result());
    }

    private static List<Long> numbers(List<Pipecatcall> calls) {
        return calls.stream()
                .map(call -> call.id().value().getLeastSignificantBits() & 0xffff)
                .toList();
    }
}
