package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.testing.LeakCheck;

@Tag("it")
@ExtendWith(LeakCheck.class)
class AmqpConnectionIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<String> happened = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Boolean> ups = new LinkedBlockingQueue<>();
    private final RpcMeter meter = new RpcMeter() {
        @Override
        public void connected(boolean up) {
            ups.add(up);
        }
    };

    @Test
    void users_hear_of_a_connection_in_order_and_of_its_end_in_reverse() throws Exception {
        try (var connection = connection(Broker.uri())) {
            connection.use(new Noted("a", 0));
            connection.use(new Noted("b", 0));
            assertThat(connection.isUp()).isFalse();
            assertThat(connection.problem()).contains("127.0.0.1").doesNotContain("guest");
            connection.start();
            assertThat(connection.awaitUp(PATIENCE)).isTrue();
            assertThat(connection.problem()).isEmpty();
        }
        assertThat(happened).containsExactly("a up", "b up", "b down", "a down");
    }

    @Test
    void a_user_that_cannot_set_itself_up_is_tried_again() throws Exception {
        try (var connection = connection(Broker.uri())) {
            connection.use(new Noted("a", 0));
            connection.use(new Noted("b", 1));
            connection.start();
            assertThat(connection.awaitUp(PATIENCE)).isTrue();
        }
        assertThat(happened).containsExactly("a up", "b up", "b down", "a down", "a up", "b up", "b down", "a down");
    }

    @Test
    void a_user_that_cannot_go_on_gets_another_connection_and_an_old_complaint_does_nothing() throws Exception {
        var user = new Noted("a", 0);
        try (var connection = connection(Broker.uri())) {
            connection.use(user);
            connection.start();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isTrue();
            var first = user.connection();
            connection.failed(user, first, "its channel is closed");
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isFalse();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isTrue();
            connection.failed(user, first, "its channel is closed");
            assertThat(connection.isUp()).isTrue();
            assertThat(first.isOpen()).isFalse();
            assertThat(user.connection().isOpen()).isTrue();
        }
    }

    @Test
    void a_broken_connection_is_made_again() throws Exception {
        try (var proxy = new CuttableProxy(Broker.uri());
                var connection = connection(proxy.uri())) {
            connection.start();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isTrue();
            proxy.cut();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isFalse();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isTrue();
            assertThat(connection.isUp()).isTrue();
        }
    }

    @Test
    void a_broker_that_falls_silent_is_noticed_by_the_heartbeat() throws Exception {
        try (var proxy = new CuttableProxy(Broker.uri());
                var connection = connection(proxy.uri(), Duration.ofSeconds(1))) {
            connection.start();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isTrue();
            proxy.mute();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isFalse();
            proxy.up();
            assertThat(ups.poll(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_wrong_password_is_told_without_it() throws Exception {
        var broker = URI.create(Broker.uri());
        var url = "amqp://guest:tiger@" + broker.getHost() + ":" + broker.getPort() + "/";
        try (var connection = connection(url)) {
            connection.start();
            assertThat(connection.awaitUp(Duration.ofSeconds(2))).isFalse();
            assertThat(connection.problem()).contains("ACCESS_REFUSED").doesNotContain("tiger");
        }
        assertThat(ups).isEmpty();
    }

    @Test
    void a_broker_that_is_away_or_silent_does_not_hold_up_the_end() throws Exception {
        try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                var connection = connection("amqp://guest:guest@127.0.0.1:" + silent.getLocalPort() + "/")) {
            connection.start();
            assertThat(connection.awaitUp(Duration.ofMillis(100))).isFalse();
        }
    }

    @Test
    void closing_twice_or_before_the_start_is_fine() {
        var connection = connection(Broker.uri());
        connection.close();
        connection.close();
        assertThat(connection.isUp()).isFalse();
    }

    private AmqpConnection connection(String uri) {
        return connection(uri, Duration.ofSeconds(10));
    }

    private AmqpConnection connection(String uri, Duration heartbeat) {
        var usual = AmqpConfig.to(Secret.of(uri), "test");
        return AmqpConnection.create(
                new AmqpConfig(
                        usual.uri(), usual.clientName(), heartbeat, usual.connectTimeout(), Duration.ofMillis(20)),
                meter);
    }

    /** Writes down what it hears; the first {@code failures} times it cannot set itself up. */
    private final class Noted implements AmqpConnection.User {
        private final String name;
        private int failures;
        private volatile @Nullable Connection last;

        Noted(String name, int failures) {
            this.name = name;
            this.failures = failures;
        }

        @Override
        public void connected(Connection connection) throws IOException {
            happened.add(name + " up");
            last = connection;
            if (failures-- > 0) {
                throw new IOException("not yet");
            }
        }

        @Override
        public void disconnected() {
            happened.add(name + " down");
        }

        Connection connection() {
            var now = last;
            if (now == null) {
                throw new AssertionError("never connected");
            }
            return now;
        }
    }
}
