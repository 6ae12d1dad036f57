package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;

/** What bringing the tables means, whatever was there before. */
interface MigrationContract {
    /** A schema without any table of ours. */
    Database empty();

    /** The statements that made the table as the platform has it. */
    List<String> platformTable();

    @Test
    default void an_empty_schema_gets_every_table() {
        try (var database = empty()) {
            database.migrate();
            assertThat(tables(database)).containsAll(TestDatabase.TABLES);
        }
    }

    @Test
    default void a_second_migration_changes_nothing() {
        try (var database = empty()) {
            database.migrate();
            database.jdbi()
                    .useHandle(handle -> HandleStatements.insertRecord(
                            handle, database.dialect(), Calls.starting(1), "h".repeat(64), Rows.SELF));
            database.migrate();
            assertThat(Rows.count(database, "pipecat_pipecatcalls")).isEqualTo(1);
        }
    }

    @Test
    default void tables_of_other_services_are_left_alone() {
        try (var database = empty()) {
            database.jdbi().useHandle(handle -> {
                handle.execute("DROP TABLE IF EXISTS ai_aicalls");
                handle.execute("CREATE TABLE ai_aicalls (id binary(16) PRIMARY KEY, pipecatcall_id binary(16))");
                handle.execute("INSERT INTO ai_aicalls (id) VALUES (?)", (Object) Columns.bytes(UUID.randomUUID()));
            });
            database.migrate();
            assertThat(Rows.count(database, "ai_aicalls")).isEqualTo(1);
            assertThat(tables(database)).containsAll(TestDatabase.TABLES);
            database.jdbi().useHandle(handle -> handle.execute("DROP TABLE ai_aicalls"));
        }
    }

    @Test
    default void the_platforms_own_table_keeps_its_rows() {
        try (var database = empty()) {
            var id = Calls.id(7).value();
            database.jdbi().useHandle(handle -> {
                platformTable().forEach(handle::execute);
                handle.createUpdate(
                                "INSERT INTO pipecat_pipecatcalls (id, reference_type, host_id, llm_messages, tm_create)"
                                        + " VALUES (:id, 'call', '10.0.0.9', :messages, :created)")
                        .bind("id", Columns.bytes(id))
                        .bind("messages", "[{\"role\":\"user\"}]")
                        .bind("created", Columns.time(Calls.at(3)))
                        .execute();
            });
            database.migrate();

            var row = database.jdbi()
                    .withHandle(handle -> handle.createQuery("SELECT * FROM pipecat_pipecatcalls WHERE id = :id")
                            .bind("id", Columns.bytes(id))
                            .map(RecordRow.MAPPER)
                            .one());
            assertThat(row.status()).isNull();
            assertThat(row.hostId()).isEqualTo("10.0.0.9");
            assertThat(row.created()).isEqualTo(Calls.at(3));
            assertThat(row.llmMessages()).hasSize(1);
            assertThat(Rows.text(database, "SELECT instance_id FROM pipecat_pipecatcalls"))
                    .isNull();
        }
    }

    private static List<String> tables(Database database) {
        return database.jdbi()
                .withHandle(
                        handle -> handle
                                .createQuery("SELECT table_name FROM information_schema.tables")
                                .mapTo(String.class)
                                .list()
                                .stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .toList());
    }
}
