package org.pipecatmanager.adapter.mysql;

final class H2HousekeepingTest implements HousekeepingContract {
    @Override
    public Database newDatabase() {
        return TestDatabase.inMemory();
    }
}
