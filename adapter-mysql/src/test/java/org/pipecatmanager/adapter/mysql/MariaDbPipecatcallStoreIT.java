package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.out.RequestException;

@Tag("it")
final class MariaDbPipecatcallStoreIT implements SqlStoreContract {
    @RegisterExtension
    final OpenDatabases databases = new OpenDatabases();

    @Override
    public Database newDatabase() {
        return databases.keep(TestDatabase.server());
    }

    /** A table that another service made long ago. */
    @Test
    void a_character_that_the_table_does_not_have_is_the_requests_fault() {
        var database = newDatabase();
        charset(database, "utf8mb3");
        try {
            assertThatThrownBy(() -> new JdbiPipecatcallStore(database, Rows.SELF, new WriteAtOnce(database, Rows.SELF))
                            .insert(Calls.with(Calls.starting(1), List.of(), "secret \uD83D\uDE00"), "h"))
                    .isInstanceOfSatisfying(
                            RequestException.class, e -> assertThat(e.reason()).isEqualTo("FIELD_REFUSED"))
                    .hasMessageStartingWith("tts_voice_id cannot be stored, the database refuses it")
                    .hasMessageNotContaining("secret");
        } finally {
            charset(database, "utf8mb4");
        }
    }

    private static void charset(Database database, String name) {
        database.jdbi()
                .useHandle(handle -> handle.execute("ALTER TABLE pipecat_pipecatcalls"
                        + " MODIFY tts_voice_id varchar(255) CHARACTER SET " + name));
    }
}
