package org.pipecatmanager.adapter.mysql;

import org.junit.jupiter.api.Tag;

@Tag("it")
final class MariaDbHousekeepingIT implements HousekeepingContract {
    @Override
    public Database newDatabase() {
        return TestDatabase.server();
    }
}
