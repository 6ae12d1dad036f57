package org.pipecatmanager.adapter.mysql;

import org.pipecatmanager.ports.contract.OrphanedCallsContract;

final class H2OrphanedCallsTest implements OrphanedCallsContract {
    @Override
    public Harness newHarness() {
        return new SharedTables(TestDatabase.inMemory());
    }
}
