package org.pipecatmanager.adapter.mysql;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.OutboxContract;

@Tag("it")
final class MariaDbJournalOutboxIT implements OutboxContract {
    @TempDir
    Path dataDirectory;

    @Override
    public Harness newHarness() {
        return JournalOutboxTest.over(TestDatabase.server(), dataDirectory);
    }
}
