package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.StoreException;

/** A server that takes what it is told and does not answer any more. */
@Tag("it")
@Timeout(120)
final class HangingServerIT {
    @Test
    void a_caller_who_tries_again_after_an_unanswered_insert_gets_the_call() throws Exception {
        try (var rig = new Rig()) {
            rig.loseTheAnswerOf(1);

            assertThat(rig.store.insert(Calls.starting(1), "h")).isTrue();
            assertThat(rig.store.find(Calls.id(1))).contains(Calls.starting(1));
            assertThat(rig.store.insert(Calls.starting(1), "h")).isFalse();
        }
    }

    @Test
    void another_request_for_that_id_is_a_second_one() throws Exception {
        try (var rig = new Rig()) {
            rig.loseTheAnswerOf(1);
            assertThat(rig.store.insert(Calls.bare(1), "other")).isFalse();
        }
    }

    @Test
    void an_unanswered_insert_that_nobody_repeats_is_closed() throws Exception {
        try (var rig = new Rig()) {
            rig.loseTheAnswerOf(1);
            var soon = Calls.at(1).plus(JdbiPipecatcallStore.DOUBT_PATIENCE).minusMillis(1);
            assertThat(rig.store.settle(soon)).isZero();

            var later = soon.plusMillis(1);
            assertThat(rig.store.settle(later)).isEqualTo(1);
            assertThat(rig.store.find(Calls.id(1)))
                    .contains(Calls.starting(1).withStatus(PipecatcallStatus.ENDED, EndReason.INTERNAL, later));
            assertThat(rig.store.settle(later)).isZero();
        }
    }

    @Test
    void a_call_that_was_started_after_all_is_not_closed() throws Exception {
        try (var rig = new Rig()) {
            rig.loseTheAnswerOf(1);
            rig.store.insert(Calls.starting(1), "h");
            assertThat(rig.store.settle(Calls.at(1_000_000))).isZero();
            assertThat(rig.store.find(Calls.id(1))).contains(Calls.starting(1));
        }
    }

    /** A store behind a proxy, on a server that can be asked past it. */
    private static final class Rig implements AutoCloseable {
        final Database direct = TestDatabase.server();
        final StallingProxy proxy;
        final Database database;
        final JdbiPipecatcallStore store;

        Rig() throws Exception {
            var url = TestDatabase.serverUrl();
            var server = URI.create(url.substring("jdbc:".length()));
            proxy = new StallingProxy(server.getHost(), server.getPort());
            database = Database.open(
                    DatabaseAddress.parse(url.replace(":" + server.getPort() + "/", ":" + proxy.port() + "/")));
            store = new JdbiPipecatcallStore(database, Rows.SELF, new WriteAtOnce(database, Rows.SELF));
            assertThat(database.awaitUp(Duration.ofSeconds(20), reason -> {})).isTrue();
        }

        /** The server writes the row, and the caller hears that it failed. */
        void loseTheAnswerOf(long n) {
            proxy.loseAnswerTo("INSERT INTO pipecat_pipecatcalls");
            assertThatThrownBy(() -> store.insert(Calls.starting(n), "h")).isInstanceOf(StoreException.class);
            assertThat(Rows.count(direct, "pipecat_pipecatcalls")).isEqualTo(1);
        }

        @Override
        public void close() {
            database.close();
            proxy.close();
            direct.close();
        }
    }
}
