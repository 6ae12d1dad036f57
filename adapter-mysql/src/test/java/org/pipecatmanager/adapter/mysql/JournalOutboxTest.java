package org.pipecatmanager.adapter.mysql;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.OutboxContract;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.Outbox;

class JournalOutboxTest implements OutboxContract {
    @TempDir
    Path dataDirectory;

    @Override
    public Harness newHarness() {
        return over(TestDatabase.inMemory(), dataDirectory);
    }

    /** A journal on a database, which is closed with it. */
    static Harness over(Database database, Path dataDirectory) {
        var rig = JournalRig.started(database, dataDirectory, JournalRig.ROOMY);
        rig.insertCalls(3);
        return new Harness() {
            @Override
            public Outbox outbox() {
                return rig.journal;
            }

            @Override
            public EventPublisher publisher() {
                return rig.journal;
            }

            @Override
            public void close() {
                rig.close();
                database.close();
            }
        };
    }
}
