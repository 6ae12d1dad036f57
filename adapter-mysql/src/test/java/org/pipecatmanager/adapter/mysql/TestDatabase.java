package org.pipecatmanager.adapter.mysql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** Databases to test with. */
final class TestDatabase {
    /** Every table of ours. */
    static final List<String> TABLES = List.of(
            "pipecat_pipecatcalls",
            "pipecat_messages",
            "pipecat_turns",
            "pipecat_outbox",
            "pipecat_call_reports",
            Database.SCHEMA_HISTORY);

    private TestDatabase() {}

    /** An H2 database in memory, with nothing in it; gone when it is closed. */
    static Database emptyInMemory() {
        return up(Database.open(DatabaseAddress.parse("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1")));
    }

    /** The same with our tables. */
    static Database inMemory() {
        var database = emptyInMemory();
        database.migrate();
        return database;
    }

    /** An H2 file with our tables. */
    static Database file(Path folder) {
        var database = up(Database.file(folder));
        database.migrate();
        return database;
    }

    /** The server that the environment names, without any table of ours. */
    static Database emptyServer() {
        var database = up(Database.open(DatabaseAddress.parse(serverUrl())));
        database.jdbi().useHandle(handle -> {
            for (var table : TABLES) {
                handle.execute("DROP TABLE IF EXISTS " + table);
            }
        });
        return database;
    }

    /** The server that the environment names, with our tables empty. */
    static Database server() {
        var database = up(Database.open(DatabaseAddress.parse(serverUrl())));
        database.migrate();
        database.jdbi().useHandle(handle -> {
            for (var table : TABLES.subList(0, 5)) {
                handle.execute("DELETE FROM " + table);
            }
        });
        return database;
    }

    /** Address of the server that the environment names. */
    static String serverUrl() {
        var url = System.getenv("PIPECAT_MYSQL_URL");
        if (url == null) {
            throw new AssertionError("PIPECAT_MYSQL_URL names no MySQL or MariaDB to test with:"
                    + " start one with dev/services start build/services, or run make test");
        }
        return url;
    }

    private static Database up(Database database) {
        try {
            if (!database.awaitUp(Duration.ofSeconds(20), reason -> {})) {
                throw new AssertionError(database + " does not answer: " + database.problem());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return database;
    }
}
