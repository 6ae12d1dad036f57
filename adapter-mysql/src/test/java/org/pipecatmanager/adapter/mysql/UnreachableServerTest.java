package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.out.StoreException;

/** A server that is not there, and one that accepts and says nothing. It waits for 35 s, and once is enough: not on both Javas. */
@Tag("it")
@Timeout(60)
final class UnreachableServerTest {
    @Test
    void waiting_ends_with_the_reason_told_once() throws Exception {
        try (var database = Database.open(at(closedPort()))) {
            var reasons = new ArrayList<String>();
            assertThat(database.awaitUp(Duration.ofSeconds(8), reasons::add)).isFalse();
            assertThat(reasons).singleElement().asString().contains("127.0.0.1").doesNotContain("topsecret");
            assertThat(database.isUp()).isFalse();
            assertThat(database.problem()).isEqualTo(reasons.getFirst());
        }
    }

    @Test
    void every_operation_fails_as_the_port_says_without_a_secret() throws Exception {
        try (var database = Database.open(at(closedPort()))) {
            assertFails(database);
        }
    }

    @Test
    void a_server_that_says_nothing_fails_them_too() throws Exception {
        try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var database = Database.open(at(silent.getLocalPort()))) {
            assertFails(database);
            assertThat(database.awaitUp(Duration.ofSeconds(5), reason -> {})).isFalse();
            assertThat(database.problem()).isNotEmpty();
        }
    }

    @Test
    void tables_cannot_be_brought_and_it_says_where() throws Exception {
        try (var database = Database.open(at(closedPort()))) {
            assertThatThrownBy(database::migrate)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("127.0.0.1")
                    .hasMessageNotContaining("topsecret");
        }
    }

    private static void assertFails(Database database) {
        var store = new JdbiPipecatcallStore(database, Rows.SELF, new WriteAtOnce(database, Rows.SELF));
        for (Runnable operation : List.<Runnable>of(
                () -> store.insert(Calls.starting(1), "h"),
                () -> store.find(Calls.id(1)),
                () -> store.list(ListQuery.all()))) {
            assertThatThrownBy(operation::run)
                    .isInstanceOf(StoreException.class)
                    .hasMessageNotContaining("topsecret")
                    .hasMessageNotContaining("Grüße");
        }
    }

    private static DatabaseAddress at(int port) {
        return DatabaseAddress.parse("me:topsecret@tcp(127.0.0.1:" + port + ")/pipecat");
    }

    /** A port nobody listens on. */
    private static int closedPort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
