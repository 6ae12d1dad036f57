package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.out.StoreException;

/** A process that dies while the database is away, and the next one in the same folder. */
class JournalSpoolTest {
    static final HostInstance LATER = new HostInstance("10.0.0.7", "instance-later");

    @TempDir
    Path folders;

    private Database database;
    private JournalRig dying;
    private Path crashed;

    @BeforeEach
    void crash() throws IOException {
        database = TestDatabase.inMemory();
        dying = JournalRig.started(database, folders.resolve("running"), JournalRig.ROOMY);
        dying.insertCalls(3);
        dying.publish(1, 1);
        dying.awaitWritten();
        dying.sql.cut();
        for (int n = 2; n <= 400; n++) {
            dying.publish(1, n);
            dying.publish(2, n);
            dying.journal.said(JournalRig.message(1, n));
            dying.journal.update(JournalRig.state(1, "state-" + n));
        }
        JournalRig.await("everything to be on disk", () -> dying.journal.queued() == 0);
        // What a process that is killed leaves is what is on disk now.
        crashed = folders.resolve("crashed");
        copy(folders.resolve("running"), crashed);
    }

    @AfterEach
    void close() {
        dying.close();
        database.close();
    }

    @Test
    void what_it_left_is_written_in_its_name_and_relayed_in_order_by_who_adopts_it() throws Exception {
        try (var next = new JournalRig(database, crashed, LATER, JournalRig.ROOMY)) {
            next.journal.replayLeftovers();
            next.journal.start();
            assertThat(Rows.text(database, "SELECT count(*) FROM pipecat_outbox WHERE instance_id = 'instance-self'"))
                    .isEqualTo(Integer.toString(1 + 2 * 399));
            assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(399);
            assertThat(Rows.text(
                            database,
                            "SELECT host_id FROM pipecat_pipecatcalls WHERE id = X'"
                                    + Calls.id(1).toString().replace("-", "") + "'"))
                    .isEqualTo("state-400");
            assertThat(Files.exists(crashed.resolve("spool/instance-self-00000001.log")))
                    .isFalse();
            next.adoptFrom(JournalRig.SELF);
            var events = next.relay(1 + 2 * 399);
            assertThat(events).extracting(OutboxEntry::trace).containsOnly(Events.TRACE);
            assertThat(events.stream()
                            .filter(event -> event.pipecatcallId().equals(Calls.id(1)))
                            .map(OutboxEntry::sequence))
                    .isSorted()
                    .hasSize(400)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void a_second_crash_while_that_is_written_changes_nothing() throws Exception {
        var again = folders.resolve("again");
        copy(crashed, again);
        try (var next = new JournalRig(database, crashed, LATER, JournalRig.ROOMY)) {
            next.journal.replayLeftovers();
        }
        try (var next = new JournalRig(database, again, LATER, JournalRig.ROOMY)) {
            next.journal.replayLeftovers();
            next.adoptFrom(JournalRig.SELF);
            next.journal.start();
            assertThat(next.relay(1 + 2 * 399))
                    .extracting(OutboxEntry::messageId)
                    .doesNotHaveDuplicates();
        }
        assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(399);
        assertThat(Rows.count(database, "pipecat_outbox")).isEqualTo(1 + 2 * 399);
    }

    @Test
    void of_a_call_that_was_claimed_meanwhile_nothing_is_written() {
        dying.claimByAnother(1);
        try (var next = new JournalRig(database, crashed, LATER, JournalRig.ROOMY)) {
            next.journal.replayLeftovers();
            assertThat(next.lost).isEmpty();
            assertThat(next.meter.fenced.get()).isEqualTo(3 * 399);
        }
        assertThat(Rows.count(database, "pipecat_messages")).isZero();
        assertThat(Rows.count(database, "pipecat_outbox")).isEqualTo(1 + 399);
    }

    @Test
    void what_the_crash_left_half_written_is_cut_off() throws Exception {
        var segment = crashed.resolve("spool/instance-self-00000001.log");
        var bytes = Files.readAllBytes(segment);
        try (var channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            channel.truncate(bytes.length - 5);
        }
        try (var next = new JournalRig(database, crashed, LATER, JournalRig.ROOMY)) {
            next.journal.replayLeftovers();
            assertThat(next.meter.cut.get()).isPositive();
        }
        assertThat(Rows.text(
                        database,
                        "SELECT host_id FROM pipecat_pipecatcalls WHERE id = X'"
                                + Calls.id(1).toString().replace("-", "") + "'"))
                .isEqualTo("state-399");
        assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(399);
    }

    @Test
    void while_the_database_is_away_it_stays_where_it_is() {
        try (var next = new JournalRig(database, crashed, LATER, JournalRig.ROOMY)) {
            next.sql.cut();
            assertThatThrownBy(next.journal::replayLeftovers).isInstanceOf(StoreException.class);
            next.sql.mend();
            next.journal.replayLeftovers();
            assertThat(Rows.count(database, "pipecat_messages")).isEqualTo(399);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }
}
