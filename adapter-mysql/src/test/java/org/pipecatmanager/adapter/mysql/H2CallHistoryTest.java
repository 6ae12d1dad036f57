package org.pipecatmanager.adapter.mysql;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.pipecatmanager.ports.contract.CallHistoryContract;
import org.pipecatmanager.ports.out.CallHistory;

final class H2CallHistoryTest implements CallHistoryContract {
    @RegisterExtension
    final OpenDatabases databases = new OpenDatabases();

    @Override
    public CallHistory newHistory() {
        var database = databases.keep(TestDatabase.inMemory());
        return new JdbiCallHistory(database, new WriteAtOnce(database, Rows.SELF));
    }
}
