package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.out.StoreException;

class JournalTest {
    @TempDir
    Path dataDirectory;

    private Database database;

    @BeforeEach
    void open() {
        database = TestDatabase.inMemory();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void everything_that_is_put_stands_in_its_table() {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.journal.update(JournalRig.state(1, "10.0.0.8"));
            rig.journal.said(JournalRig.message(1, 1));
            rig.journal.turn(JournalRig.turn(1, 1));
            rig.publish(1, 1);
            rig.awaitWritten();
            assertThat(Rows.text(database, "SELECT host_id FROM pipecat_pipecatcalls"))
                    .isEqualTo("10.0.0.8");
            assertThat(Rows.text(database, "SELECT text FROM pipecat_messages")).isEqualTo("text 1");
            assertThat(Rows.text(database, "SELECT first_frame_ms FROM pipecat_turns"))
                    .isEqualTo("5");
            assertThat(Rows.text(database, "SELECT type FROM pipecat_outbox")).isEqualTo("message_bot_llm");
        }
    }

    @Test
    void without_outbox_and_transcripts_records_and_turns_are_kept_alone() {
        var options = JournalOptions.of(false, false);
        try (var rig = JournalRig.started(database, dataDirectory, options)) {
            rig.insertCalls(1);
            rig.publish(1, 1);
            rig.journal.said(JournalRig.message(1, 1));
            rig.journal.turn(JournalRig.turn(1, 1));
            rig.awaitWritten();
            assertThat(Rows.count(database, "pipecat_outbox")).isZero();
            assertThat(Rows.count(database, "pipecat_messages")).isZero();
            assertThat(Rows.count(database, "pipecat_turns")).isEqualTo(1);
        }
    }

    @Test
    void an_event_is_not_in_the_outbox_before_it_is_in_the_database() throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.sql.hold();
            rig.publish(1, 1);
            assertThat(rig.journal.peek(10, Duration.ofMillis(50))).isEmpty();
            rig.sql.release();
            assertThat(rig.relay(1)).extracting(OutboxEntry::sequence).containsExactly(1L);
        }
    }

    @Test
    void what_is_put_while_the_database_is_away_goes_to_disk_and_is_written_in_order_when_it_is_back()
            throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.sql.cut();
            for (int n = 1; n <= 1000; n++) {
                rig.publish(1, n);
                rig.journal.said(JournalRig.message(1, n));
                rig.journal.update(JournalRig.state(1, "host-" + n));
            }
            JournalRig.await("the spool to be used", () -> rig.meter.spooled.get() > 0);
            assertThat(rig.meter.reachable).isFalse();
            assertThat(rig.journal.peek(10, Duration.ZERO)).isEmpty();
            rig.sql.mend();
            assertThat(rig.relay(1000))
                    .extracting(OutboxEntry::sequence)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 1000).boxed().toList());
            rig.awaitWritten();
            assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(1000);
            assertThat(Rows.text(database, "SELECT host_id FROM pipecat_pipecatcalls"))
                    .isEqualTo("host-1000");
            JournalRig.await("the spool to be empty", () -> rig.meter.spooled.get() == 0);
            JournalRig.await("the database to be called up", () -> rig.meter.reachable);
        }
    }

    @Test
    void the_newest_record_is_seen_until_it_is_in_the_database_also_while_it_is_on_disk() {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.sql.cut();
            rig.journal.update(JournalRig.state(1, "first"));
            rig.journal.update(JournalRig.state(1, "second"));
            JournalRig.await("the spool to be used", () -> rig.meter.spooled.get() > 0);
            assertThat(rig.journal.pending(Calls.id(1))).contains(JournalRig.state(1, "second"));
            assertThat(rig.journal.awaitSettled(Duration.ofSeconds(20))).isFalse();
            rig.sql.mend();
            rig.awaitWritten();
            assertThat(rig.journal.pending(Calls.id(1))).isEmpty();
        }
    }

    @Test
    void what_another_daemon_claimed_is_told_once_and_not_written_any_more() throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(2);
            rig.publish(1, 1);
            rig.publish(2, 1);
            rig.awaitWritten();
            rig.claimByAnother(1);
            rig.publish(1, 2);
            rig.journal.update(JournalRig.state(1, "ours"));
            rig.journal.said(JournalRig.message(1, 1));
            rig.journal.turn(JournalRig.turn(1, 1));
            rig.publish(2, 2);
            rig.awaitWritten();
            rig.publish(1, 3);
            rig.publishIntermediate(1, 4);
            rig.publish(2, 3);
            rig.awaitWritten();
            assertThat(rig.lost).containsExactly(Calls.id(1));
            assertThat(rig.meter.fenced.get()).isEqualTo(6);
            assertThat(rig.relay(3)).extracting(OutboxEntry::pipecatcallId).containsOnly(Calls.id(2));
            assertThat(Rows.count(database, "pipecat_messages")).isZero();
            assertThat(Rows.count(database, "pipecat_turns")).isZero();
            assertThat(Rows.count(database, "pipecat_outbox")).isEqualTo(4);
            assertThat(rig.journal.pending(Calls.id(1))).isEmpty();
            assertThat(Rows.text(database, "SELECT count(*) FROM pipecat_pipecatcalls WHERE host_id = 'ours'"))
                    .isEqualTo("0");
        }
    }

    @Test
    void an_entry_the_database_never_takes_is_dropped_and_holds_nothing_up() throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(2);
            rig.sql.hold();
            for (int n = 1; n <= 100; n++) {
                rig.publish(1, n);
                if (n % 40 == 0) {
                    rig.journal.update(JournalRig.state(2, "x".repeat(300)));
                }
            }
            rig.sql.release();
            assertThat(rig.relay(100))
                    .extracting(OutboxEntry::sequence)
                    .isSorted()
                    .hasSize(100);
            rig.awaitWritten();
            assertThat(rig.meter.refused.get()).isEqualTo(2);
            assertThat(rig.meter.reachable).isTrue();
            assertThat(rig.journal.pending(Calls.id(2))).isEmpty();
        }
    }

    @Test
    void an_entry_of_a_call_without_a_record_is_dropped_and_counted() throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.publish(2, 1);
            rig.publish(1, 1);
            rig.awaitWritten();
            assertThat(rig.relay(1)).extracting(OutboxEntry::pipecatcallId).containsExactly(Calls.id(1));
            assertThat(rig.meter.refused.get()).isEqualTo(1);
            assertThat(rig.lost).isEmpty();
        }
    }

    @Test
    void a_batch_whose_commit_was_not_heard_of_changes_nothing_when_it_comes_again() throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.sql.loseAnswers(2);
            for (int n = 1; n <= 20; n++) {
                rig.publish(1, n);
                rig.journal.said(JournalRig.message(1, n));
            }
            assertThat(rig.relay(20))
                    .extracting(OutboxEntry::sequence)
                    .isSorted()
                    .doesNotHaveDuplicates();
            rig.awaitWritten();
            assertThat(Rows.count(database, "pipecat_outbox")).isEqualTo(20);
            assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(20);
            assertThat(rig.journal.peek(10, Duration.ofSeconds(3))).isEmpty();
        }
    }

    @Test
    void what_finds_no_room_in_memory_and_on_disk_is_refused_by_name_and_deltas_are_dropped() {
        var options = new JournalOptions(true, true, 40, 1 << 20, 20_000, 100, 1 << 20);
        try (var rig = JournalRig.started(database, dataDirectory, options)) {
            rig.insertCalls(1);
            rig.sql.cut();
            assertThatThrownBy(() -> {
                        for (int n = 1; n <= 10_000; n++) {
                            rig.publish(1, n);
                        }
                    })
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("40")
                    .hasMessageContaining("bring the database back");
            assertThat(rig.meter.overloaded.get()).isEqualTo(1);
            assertThat(rig.meter.spooled.get()).isLessThanOrEqualTo(20_000);
            rig.publishIntermediate(1, 20_000);
            assertThat(rig.meter.intermediatesDropped.get()).isPositive();
            rig.sql.mend();
            rig.awaitWritten();
            rig.publish(1, 30_000);
            rig.awaitWritten();
            assertThat(Rows.text(database, "SELECT max(sequence) FROM pipecat_outbox"))
                    .isEqualTo("30000");
        }
    }

    @Test
    void what_a_slow_database_leaves_waiting_goes_over_the_disk_before_there_is_no_room() throws Exception {
        var options = new JournalOptions(true, true, 1000, 1 << 24, 1 << 24, 2000, 1 << 24);
        try (var rig = JournalRig.started(database, dataDirectory, options)) {
            rig.insertCalls(1);
            rig.sql.hold();
            for (int n = 1; n <= 900; n++) {
                rig.publish(1, n);
            }
            rig.sql.release();
            assertThat(rig.relay(900))
                    .extracting(OutboxEntry::sequence)
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(rig.meter.mostSpooled.get()).isPositive();
            assertThat(rig.meter.reachable).isTrue();
        }
    }

    @Test
    void what_was_not_written_when_it_is_closed_is_written_by_the_next_one() {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.sql.cut();
            for (int n = 1; n <= 300; n++) {
                rig.journal.said(JournalRig.message(1, n));
            }
        }
        assertThat(Rows.count(database, "pipecat_messages")).isZero();
        try (var next = new JournalRig(database, dataDirectory, JournalSpoolTest.LATER, JournalRig.ROOMY)) {
            next.journal.replayLeftovers();
            assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(300);
            assertThat(next.meter.spooled.get()).isZero();
        }
    }

    @Test
    void closing_writes_what_waits_and_nothing_is_taken_after_it() {
        var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY);
        rig.insertCalls(1);
        for (int n = 1; n <= 2000; n++) {
            rig.journal.said(JournalRig.message(1, n));
        }
        rig.close();
        rig.close();
        assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(2000);
        assertThatThrownBy(() -> rig.publish(1, 1))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void two_journals_do_not_share_a_folder() {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            assertThatThrownBy(() -> new JournalRig(database, dataDirectory, JournalSpoolTest.LATER, JournalRig.ROOMY))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("DATA_DIR of its own");
            assertThat(rig.journal.pending(Calls.id(1))).isEmpty();
        }
    }

    @Test
    void events_another_instance_left_are_relayed_once_they_are_ours() throws Exception {
        try (var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY)) {
            rig.insertCalls(1);
            rig.publish(1, 1);
            assertThat(rig.relay(1)).hasSize(1);
            database.jdbi().useHandle(handle -> {
                for (long sequence = 600; sequence >= 1; sequence--) {
                    // The order of the rows counts, not that of the sequence.
                    var entry = new OutboxEntry(
                            new UUID(7, sequence), Calls.id(2), "error_reported", sequence, "{}", true, null);
                    HandleStatements.insertOutbox(handle, entry, Calls.at(1), JournalSpoolTest.LATER);
                }
            });
            rig.publish(1, 2);
            rig.adoptFrom(JournalSpoolTest.LATER);
            var events = rig.relay(601);
            assertThat(events.stream()
                            .filter(event -> event.pipecatcallId().equals(Calls.id(2)))
                            .map(OutboxEntry::sequence)
                            .toList())
                    .isSortedAccordingTo(Comparator.reverseOrder())
                    .hasSize(600);
            assertThat(rig.journal.peek(1, Duration.ZERO)).isEmpty();
        }
    }
}
