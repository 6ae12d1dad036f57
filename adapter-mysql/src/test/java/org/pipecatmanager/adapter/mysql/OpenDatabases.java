package org.pipecatmanager.adapter.mysql;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Closes after each test what it opened. */
final class OpenDatabases implements AfterEachCallback {
    private final Deque<Database> open = new ArrayDeque<>();

    Database keep(Database database) {
        open.push(database);
        return database;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
