package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** Start and close. */
class ServerLifeTest {
    @Test
    void a_close_ends_every_leg_in_order_with_its_reason_and_stops_listening() throws IOException {
        ServerFixture fixture = ServerFixture.settings().start();
        InetSocketAddress address = fixture.address();
        try (Peer one = fixture.call();
                Peer two = fixture.call();
                Peer waiting = fixture.connect()) {
            fixture.await(() -> fixture.meter.openedCount() == 3, "all three to be accepted");
            Thread closing = Thread.ofPlatform().start(fixture.server::close);
            for (Peer peer : List.of(one, two, waiting)) {
                assertThat(peer.receiveToEnd()).last().matches(Peer.Received::isHangUp);
                peer.leave();
            }
            assertThat(joined(closing)).isTrue();
            assertThat(fixture.meter.closedFor("server_stopped")).isEqualTo(3);
            assertThat(fixture.gate.all)
                    .allSatisfy(media -> assertThat(media.ends).containsExactly(LegEnd.SERVER_STOPPED));
            assertThatThrownBy(() -> new Peer(address)).isInstanceOf(ConnectException.class);
            fixture.server.close();
        }
    }

    @Test
    void a_far_end_that_does_not_close_delays_the_close_by_the_grace_only() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.closeGrace = Duration.ofMillis(50);
        ServerFixture fixture = settings.start();
        try (Peer stubborn = fixture.call()) {
            fixture.close();
            assertThat(stubborn.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            assertThat(fixture.meter.closedFor("server_stopped")).isEqualTo(1);
        }
    }

    @Test
    void a_close_from_within_a_media_does_not_wait_for_itself() throws IOException {
        ServerFixture fixture = ServerFixture.settings().start();
        try (Peer peer = fixture.call()) {
            CountDownLatch closed = new CountDownLatch(1);
            fixture.gate.media(peer.id).atTick = () -> {
                fixture.server.close();
                closed.countDown();
            };
            assertThat(await(closed)).isTrue();
            assertThat(peer.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            peer.leave();
            fixture.awaitClosed("server_stopped", 1);
            fixture.await(
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().startsWith("audiosocket-loop-")),
                    "the loops to end");
        }
    }

    @Test
    void an_interrupt_drops_what_is_open_and_is_kept() throws IOException {
        ServerFixture fixture = ServerFixture.settings().start();
        try (Peer peer = fixture.call()) {
            Thread.currentThread().interrupt();
            fixture.server.close();
            assertThat(Thread.interrupted()).isTrue();
            fixture.awaitClosed("server_stopped", 1);
            assertThat(fixture.gate.media(peer.id).ends).containsExactly(LegEnd.SERVER_STOPPED);
        }
    }

    @Test
    void a_server_starts_once_and_never_after_its_close() {
        try (ServerFixture fixture = ServerFixture.settings().start()) {
            assertThatThrownBy(fixture.server::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("STARTED");
        }
        try (SystemTime time = new SystemTime()) {
            AudioSocketServer never = AudioSocketServer.create(
                    ServerFixture.settings().config(), new FakeGate(), ConnectionMeter.NONE, time);
            never.close();
            assertThat(never.addresses()).isEmpty();
            assertThatThrownBy(never::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("CLOSED");
        }
    }

    @Test
    void an_address_that_is_taken_is_named_by_its_key_and_nothing_stays_open() throws IOException {
        try (ServerSocket taken =
                        new ServerSocket(0, 1, ServerFixture.loopback(0).getAddress());
                SystemTime time = new SystemTime()) {
            int free;
            try (ServerSocket probe =
                    new ServerSocket(0, 1, ServerFixture.loopback(0).getAddress())) {
                free = probe.getLocalPort();
            }
            AudioSocketConfig config = AudioSocketConfig.listeningOn(List.of(
                    new AudioSocketConfig.Listener(ServerFixture.loopback(free), ""),
                    new AudioSocketConfig.Listener(ServerFixture.loopback(taken.getLocalPort()), "sales")));
            AudioSocketServer server = AudioSocketServer.create(config, new FakeGate(), ConnectionMeter.NONE, time);
            assertThatThrownBy(server::start)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("agents.sales.listen is")
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));
            assertThatThrownBy(() -> new Peer(ServerFixture.loopback(free))).isInstanceOf(ConnectException.class);
            server.close();
        }
    }

    private static boolean joined(Thread thread) {
        try {
            return thread.join(Duration.ofMillis(Peer.PATIENCE_MILLIS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
