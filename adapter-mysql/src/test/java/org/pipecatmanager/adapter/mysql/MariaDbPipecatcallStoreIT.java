package org.pipecatmanager.adapter.mysql;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("it")
final class MariaDbPipecatcallStoreIT implements SqlStoreContract {
    @RegisterExtension
    final OpenDatabases databases = new OpenDatabases();

    @Override
    public Database newDatabase() {
        return databases.keep(TestDatabase.server());
    }
}
