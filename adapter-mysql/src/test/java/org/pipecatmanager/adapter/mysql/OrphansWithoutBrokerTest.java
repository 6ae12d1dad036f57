package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Pipecatcall;

/** The embedded default: one host, no broker. */
final class OrphansWithoutBrokerTest {
    private static final HostInstance EARLIER = new HostInstance("local", "earlier");
    private static final HostInstance NOW = new HostInstance("local", "now");

    @TempDir
    Path folder;

    @Test
    void what_the_run_before_left_is_closed_and_nothing_is_kept_for_a_broker() {
        try (var database = TestDatabase.file(folder)) {
            database.jdbi()
                    .useHandle(handle ->
                            HandleStatements.insertRecord(handle, database.dialect(), Calls.bare(1), "h", EARLIER));
        }
        try (var database = TestDatabase.file(folder)) {
            var orphans = new JdbiOrphanedCalls(database, NOW, new RandomIds(), false);
            assertThat(orphans.owners()).containsExactly(EARLIER);
            assertThat(orphans.claim(EARLIER, Calls.at(9), 100))
                    .singleElement()
                    .extracting(Pipecatcall::endReason)
                    .isEqualTo(EndReason.HOST_LOST);
            assertThat(orphans.owners()).isEmpty();
            assertThat(Rows.count(database, "pipecat_outbox")).isZero();
        }
    }
}
