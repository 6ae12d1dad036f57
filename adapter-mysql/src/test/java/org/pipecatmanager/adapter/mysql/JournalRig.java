package org.pipecatmanager.adapter.mysql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;

/** A journal with everything around it. */
final class JournalRig implements AutoCloseable {
    static final HostInstance SELF = Rows.SELF;
    static final Duration ENOUGH = Duration.ofSeconds(30);
    static final JournalOptions ROOMY = JournalOptions.of(true, true);

    final Database database;
    final CuttableSql sql;
    final RecordingStoreMeter meter = new RecordingStoreMeter();
    final List<PipecatcallId> lost = new ArrayList<>();
    final Journal journal;
    private final HostInstance self;
    private final SystemTime time = new SystemTime();

    JournalRig(Database database, Path dataDirectory, HostInstance self, JournalOptions options) {
        this.database = database;
        this.self = self;
        sql = new CuttableSql(database);
        journal = new Journal(sql, self, dataDirectory, options, time, new RandomIds(), meter);
        journal.onLost(lost::add);
    }

    /** A started one. */
    static JournalRig started(Database database, Path dataDirectory, JournalOptions options) {
        var rig = new JournalRig(database, dataDirectory, SELF, options);
        rig.journal.start();
        return rig;
    }

    /** Calls 1 to {@code last} get records of this daemon. */
    void insertCalls(int last) {
        database.jdbi().useTransaction(handle -> {
            for (int n = 1; n <= last; n++) {
                HandleStatements.insertRecord(handle, database.dialect(), Calls.starting(n), "hash", self);
            }
        });
    }

    void publish(long call, long sequence) {
        journal.publish(Events.message(call, sequence));
    }

    void publishIntermediate(long call, long sequence) {
        journal.publish(Events.ofType(EventType.MESSAGE_BOT_LLM_INTERMEDIATE, call, sequence));
    }

    static SpokenMessage message(long call, int position) {
        return new SpokenMessage(
                Calls.id(call),
                position,
                SpokenMessage.Speaker.BOT,
                "text " + position,
                Calls.at(position),
                false,
                true);
    }

    static Turn turn(long call, int number) {
        return new Turn(
                Calls.id(call),
                number,
                Turn.Kind.ANSWER,
                Calls.at(number),
                1L,
                null,
                3L,
                null,
                5L,
                null,
                null,
                new Turn.Figures(6L, null, 7L, null, 8L, 9L));
    }

    /** The call in another state: its host says which. */
    static Pipecatcall state(long call, String hostId) {
        var record = Calls.starting(call);
        return new Pipecatcall(
                record.id(),
                record.customerId(),
                record.activeflowId(),
                record.referenceType(),
                record.referenceId(),
                hostId,
                record.llmType(),
                record.llmMessages(),
                record.sttType(),
                record.sttLanguage(),
                record.ttsType(),
                record.ttsLanguage(),
                record.ttsVoiceId(),
                record.status(),
                record.endReason(),
                record.agent(),
                record.created(),
                record.updated(),
                record.deleted(),
                record.ended());
    }

    /** Everything that was put is in the database or given up. */
    void awaitWritten() {
        await("everything to be written", () -> journal.awaitSettled(Duration.ofSeconds(1)));
    }

    /** Another daemon has taken the call, closed it, and relays what was not sent of it. */
    void claimByAnother(long call) {
        database.jdbi().useTransaction(handle -> {
            handle.createUpdate("UPDATE pipecat_pipecatcalls SET lease_epoch = 2, status = 'ended' WHERE id = :id")
                    .bind("id", Columns.bytes(Calls.id(call).value()))
                    .execute();
            handle.createUpdate("UPDATE pipecat_outbox SET instance_id = 'another'"
                            + " WHERE pipecatcall_id = :id AND tm_publish IS NULL")
                    .bind("id", Columns.bytes(Calls.id(call).value()))
                    .execute();
        });
    }

    /** What another instance has not sent becomes this one's. */
    void adoptFrom(HostInstance other) {
        database.jdbi()
                .useHandle(handle -> handle.createUpdate(
                                "UPDATE pipecat_outbox SET instance_id = :self WHERE instance_id = :other AND tm_publish IS NULL")
                        .bind("self", self.instanceId())
                        .bind("other", other.instanceId())
                        .execute());
        journal.adopted();
    }

    /** Takes events as a relay does, until so many lasting ones have come. */
    List<OutboxEntry> relay(int count) throws InterruptedException {
        var all = new ArrayList<OutboxEntry>();
        long deadline = System.nanoTime() + ENOUGH.toNanos();
        while (all.stream().filter(OutboxEntry::lasting).count() < count) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("only " + all.size() + " events of " + count + " came: " + all);
            }
            var some = journal.peek(50, Duration.ofMillis(100));
            journal.remove(some);
            all.addAll(some);
        }
        return all;
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + ENOUGH.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited " + ENOUGH + " for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }

    @Override
    public void close() {
        sql.release();
        journal.close();
        time.close();
    }
}
