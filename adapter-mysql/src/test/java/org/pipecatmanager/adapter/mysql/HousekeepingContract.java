package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.mysql.Housekeeping.Done;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.model.Turn.Kind;

/** What is deleted when, on any vendor. */
interface HousekeepingContract {
    Instant NOW = Calls.at(1_000_000);

    /** One with our tables, empty. */
    Database newDatabase();

    @Test
    default void what_was_said_goes_when_its_retention_is_over() {
        try (var database = newDatabase()) {
            var writer = new WriteAtOnce(database, Rows.SELF);
            var retention = Duration.ofDays(3);
            writer.said(message(1, NOW.minus(retention).minusSeconds(1)));
            writer.said(message(2, NOW.minus(retention).plusSeconds(1)));
            writer.turn(turn(1, NOW.minus(retention).minusSeconds(1)));
            writer.turn(turn(2, NOW.minus(retention).plusSeconds(1)));

            assertThat(housekeeping(database, retention).run(NOW)).isEqualTo(new Done(1, 1, 0, 0, 0));
            var history = new JdbiCallHistory(database, writer);
            assertThat(history.messages(Calls.id(1)))
                    .extracting(SpokenMessage::position)
                    .containsExactly(2);
            assertThat(history.turns(Calls.id(1))).extracting(Turn::number).containsExactly(2);
        }
    }

    @Test
    default void without_retention_all_of_it_goes() {
        try (var database = newDatabase()) {
            var writer = new WriteAtOnce(database, Rows.SELF);
            writer.said(message(1, NOW));
            writer.turn(turn(1, NOW));
            assertThat(housekeeping(database, Duration.ZERO).run(NOW)).isEqualTo(new Done(1, 1, 0, 0, 0));
        }
    }

    @Test
    default void an_event_goes_an_hour_after_it_has_left_and_never_before_it_has() {
        try (var database = newDatabase()) {
            for (long n = 1; n <= 3; n++) {
                keep(database, n);
            }
            leave(database, 1, NOW.minus(Duration.ofMinutes(61)));
            leave(database, 2, NOW.minus(Duration.ofMinutes(59)));

            assertThat(housekeeping(database, Duration.ofDays(1)).run(NOW)).isEqualTo(new Done(0, 0, 0, 1, 0));
            assertThat(Rows.count(database, "pipecat_outbox")).isEqualTo(2);
        }
    }

    @Test
    default void more_rows_than_a_batch_go_in_one_run() {
        try (var database = newDatabase()) {
            database.jdbi().useTransaction(handle -> {
                for (int position = 1; position <= 1201; position++) {
                    HandleStatements.insertMessage(handle, message(position, NOW.minusSeconds(60)));
                }
            });
            assertThat(housekeeping(database, Duration.ZERO).run(NOW)).isEqualTo(new Done(1201, 0, 0, 0, 0));
            assertThat(Rows.count(database, "pipecat_messages")).isZero();
        }
    }

    @Test
    default void records_of_calls_stay() {
        try (var database = newDatabase()) {
            database.jdbi()
                    .useHandle(handle ->
                            HandleStatements.insertRecord(handle, database.dialect(), Calls.ended(1), "h", Rows.SELF));
            housekeeping(database, Duration.ZERO).run(NOW);
            assertThat(Rows.count(database, "pipecat_pipecatcalls")).isEqualTo(1);
        }
    }

    private static Housekeeping housekeeping(Database database, Duration retention) {
        var store = new JdbiPipecatcallStore(database, Rows.SELF, new WriteAtOnce(database, Rows.SELF));
        return new Housekeeping(database, store, retention);
    }

    private static SpokenMessage message(int position, Instant at) {
        return new SpokenMessage(Calls.id(1), position, Speaker.USER, "m", at, false);
    }

    private static Turn turn(int number, Instant at) {
        return new Turn(Calls.id(1), number, Kind.ANSWER, at, null, null, null, null, null, null, null);
    }

    private static void keep(Database database, long n) {
        var type = EventType.MESSAGE_BOT_LLM.wireName();
        var entry = new OutboxEntry(SequentialIds.id(n), Calls.id(1), type, n, "{}", true, null);
        database.jdbi().useHandle(handle -> HandleStatements.insertOutbox(handle, entry, NOW, Rows.SELF));
    }

    private static void leave(Database database, long n, Instant at) {
        database.jdbi()
                .useHandle(handle -> handle.createUpdate("UPDATE pipecat_outbox SET tm_publish = :at WHERE id = :id")
                        .bind("at", Columns.time(at))
                        .bind("id", Columns.bytes(SequentialIds.id(n)))
                        .execute());
    }
}
