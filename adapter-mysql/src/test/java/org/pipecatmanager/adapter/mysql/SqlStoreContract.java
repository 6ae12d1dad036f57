package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.PipecatcallStoreContract;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;

/** The store on any vendor. */
interface SqlStoreContract extends PipecatcallStoreContract {
    /** One with our tables, empty; closed after the test. */
    Database newDatabase();

    @Override
    default PipecatcallStore newStore() {
        return store(newDatabase(), Rows.SELF);
    }

    @Test
    default void rows_of_another_implementation_are_read_as_far_as_they_can_be() {
        var database = newDatabase();
        database.jdbi()
                .useHandle(handle -> handle.createUpdate("INSERT INTO pipecat_pipecatcalls"
                                + " (id, reference_type, status, end_reason, llm_messages, tm_create)"
                                + " VALUES (:id, 'fax', 'dreaming', 'bored', '{\"not\":\"a list\"}', :created)")
                        .bind("id", Columns.bytes(Calls.id(1).value()))
                        .bind("created", Columns.time(Calls.at(1)))
                        .execute());
        var store = store(database, Rows.SELF);

        var call = store.find(Calls.id(1)).orElseThrow();
        assertThat(call.referenceType()).isEqualTo(ReferenceType.NONE);
        assertThat(call.status()).isNull();
        assertThat(call.endReason()).isNull();
        assertThat(call.llmMessages()).isEmpty();
        assertThat(call.hostId()).isEmpty();
        assertThat(store.requestHash(Calls.id(1))).isEmpty();
        assertThat(store.list(ListQuery.all()).result()).containsExactly(call);
    }

    @Test
    default void of_many_inserts_at_once_one_is_taken_for_each_id() {
        var store = store(newDatabase(), Rows.SELF);
        var answers = new ArrayList<CompletableFuture<Boolean>>();
        for (int n = 0; n < 200; n++) {
            var call = Calls.starting(1 + n % 100);
            answers.add(CompletableFuture.supplyAsync(
                    () -> store.insert(call, "h"), task -> Thread.ofVirtual().start(task)));
        }

        assertThat(answers.stream().filter(CompletableFuture::join)).hasSize(100);
        for (int n = 1; n <= 100; n++) {
            assertThat(store.find(Calls.id(n))).contains(Calls.starting(n));
        }
    }

    @Test
    default void columns_hold_what_other_services_read() {
        var database = newDatabase();
        var call = Calls.createdAt(Calls.starting(1), Calls.at(1).plusNanos(7_000));
        store(database, Rows.SELF).insert(call, "h");

        byte[] id = database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT id FROM pipecat_pipecatcalls")
                        .mapTo(byte[].class)
                        .one());
        assertThat(HexFormat.of().formatHex(id)).isEqualTo(call.id().toString().replace("-", ""));
        assertThat(Rows.text(database, "SELECT cast(tm_create AS char(30)) FROM pipecat_pipecatcalls"))
                .isEqualTo(String.valueOf(Columns.time(call.created())).replace('T', ' '));
        assertThat(Rows.text(database, "SELECT llm_messages FROM pipecat_pipecatcalls"))
                .isNull();
        assertThat(Rows.text(database, "SELECT instance_id FROM pipecat_pipecatcalls"))
                .isEqualTo(Rows.SELF.instanceId());
        assertThat(Rows.text(database, "SELECT lease_epoch FROM pipecat_pipecatcalls"))
                .isEqualTo("1");
    }

    @Test
    default void times_do_not_depend_on_the_time_zone_of_the_machine() {
        var store = store(newDatabase(), Rows.SELF);
        // Within the hour that the clocks of Berlin skip.
        var call = Calls.createdAt(Calls.bare(1), Instant.parse("2026-03-29T02:30:00.123456Z"));
        var zone = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
            store.insert(call, "h");
            assertThat(store.find(call.id())).contains(call);
            TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
            assertThat(store.find(call.id())).contains(call);
        } finally {
            TimeZone.setDefault(zone);
        }
    }

    @Test
    default void a_record_of_another_daemon_is_not_written_over() {
        var database = newDatabase();
        store(database, new HostInstance("10.0.0.8", "other")).insert(Calls.starting(1), "h");
        var store = store(database, Rows.SELF);
        store.update(Calls.ended(1));
        assertThat(store.find(Calls.id(1))).contains(Calls.starting(1));
    }

    @Test
    default void records_of_one_batch_are_replaced_whole_and_only_ours() {
        var database = newDatabase();
        var store = store(database, Rows.SELF);
        store(database, new HostInstance("10.0.0.8", "other")).insert(Calls.starting(1), "h");
        var entries = new ArrayList<JournalEntry>(List.of(
                new JournalEntry.RecordUpdate(otherInEverything(1)), new JournalEntry.RecordUpdate(Calls.ended(101))));
        for (int n = 2; n <= 100; n++) {
            store.insert(Calls.starting(n), "h" + n);
            entries.add(new JournalEntry.RecordUpdate(otherInEverything(n)));
        }

        var written = new SqlJournal(database).write(Rows.SELF, entries);

        assertThat(written.lost()).containsExactly(Calls.id(1));
        assertThat(written.missing()).containsExactly(Calls.id(101));
        assertThat(store.find(Calls.id(1))).contains(Calls.starting(1));
        assertThat(store.find(Calls.id(101))).isEmpty();
        for (int n = 2; n <= 100; n++) {
            assertThat(store.find(Calls.id(n))).contains(otherInEverything(n));
            assertThat(store.requestHash(Calls.id(n))).contains("h" + n);
        }
    }

    /** With nothing of what a start of that number has; two of the long ones are too much for one statement. */
    private static Pipecatcall otherInEverything(long n) {
        return new Pipecatcall(
                Calls.id(n),
                Calls.id(n + 5_000).value(),
                Calls.id(n + 6_000).value(),
                ReferenceType.CALL,
                Calls.id(n + 7_000).value(),
                "10.0.0.9",
                "other.model",
                List.of(Map.of("content", n % 40 == 0 ? "x".repeat(600_000) : "said " + n)),
                "other-stt",
                "xx",
                "other-tts",
                "yy",
                "other voice",
                PipecatcallStatus.ENDED,
                EndReason.INTERNAL,
                "other agent",
                Calls.at(5),
                Calls.at(6),
                Calls.at(7),
                Calls.at(8));
    }

    @Test
    default void a_pending_record_is_found_before_it_is_written() {
        var database = newDatabase();
        var pending = Calls.starting(1).withStatus(PipecatcallStatus.LIVE, null, Calls.at(2));
        var writer = new PendingRecord(pending);
        var store = new JdbiPipecatcallStore(database, Rows.SELF, writer);
        store.insert(Calls.starting(1), "h");
        assertThat(store.find(Calls.id(1))).contains(pending);
    }

    @Test
    default void a_value_that_does_not_fit_is_the_requests_fault_and_is_not_told() {
        var store = newStore();
        var call = Calls.with(Calls.starting(1), List.of(Map.of("content", "topsecret")), "topsecret".repeat(100));
        assertThatThrownBy(() -> store.insert(call, "h"))
                .isInstanceOfSatisfying(RequestException.class, e -> {
                    assertThat(e.status()).isEqualTo(RequestException.Status.INVALID_ARGUMENT);
                    assertThat(e.reason()).isEqualTo("FIELD_REFUSED");
                })
                .hasMessageStartingWith(
                        "tts_voice_id cannot be stored, the database refuses it (SQL state 22001, error ")
                .satisfies(failure -> assertThat(stackTrace(failure)).doesNotContain("topsecret"));
    }

    @Test
    default void a_failure_that_is_not_of_the_values_is_the_stores() {
        var database = newDatabase();
        database.jdbi().useHandle(handle -> handle.execute("ALTER TABLE pipecat_pipecatcalls RENAME TO moved"));
        try {
            assertThatThrownBy(() -> store(database, Rows.SELF).insert(Calls.starting(1), "h"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("record " + Calls.id(1) + " cannot be written: the database refuses it");
        } finally {
            database.jdbi().useHandle(handle -> handle.execute("ALTER TABLE moved RENAME TO pipecat_pipecatcalls"));
        }
    }

    @Test
    default void the_widest_and_strangest_start_that_is_let_in_fits() {
        var store = newStore();
        Object deep = "deep";
        for (int i = 0; i < 23; i++) {
            deep = List.of(deep);
        }
        var call = Calls.with(
                Calls.starting(1),
                List.of(Map.of("content", "\u0000 \u2028 \uD83D\uDE00 " + "é".repeat(500_000), "deep", deep)),
                "\uD83D\uDE00".repeat(127) + "é");

        assertThat(store.insert(call, "h")).isTrue();

        assertThat(store.find(call.id())).contains(call);
    }

    private static PipecatcallStore store(Database database, HostInstance self) {
        return new JdbiPipecatcallStore(database, self, new WriteAtOnce(database, self));
    }

    private static String stackTrace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** A journal that has one record and writes nothing. */
    record PendingRecord(Pipecatcall call) implements RecordWriter {
        @Override
        public void update(Pipecatcall newer) {
            throw new AssertionError("nothing is written here");
        }

        @Override
        public Optional<Pipecatcall> pending(PipecatcallId id) {
            return id.equals(call.id()) ? Optional.of(call) : Optional.empty();
        }

        @Override
        public void awaitWritten(Duration patience) {}
    }
}
