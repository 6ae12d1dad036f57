package org.pipecatmanager.adapter.mysql;

import org.junit.jupiter.api.Tag;
import org.pipecatmanager.ports.contract.OrphanedCallsContract;

@Tag("it")
final class MariaDbOrphanedCallsIT implements OrphanedCallsContract {
    @Override
    public Harness newHarness() {
        return new SharedTables(TestDatabase.server());
    }
}
