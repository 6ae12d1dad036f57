package org.pipecatmanager.adapter.mysql;

import org.junit.jupiter.api.extension.RegisterExtension;

final class H2PipecatcallStoreTest implements SqlStoreContract {
    @RegisterExtension
    final OpenDatabases databases = new OpenDatabases();

    @Override
    public Database newDatabase() {
        return databases.keep(TestDatabase.inMemory());
    }
}
