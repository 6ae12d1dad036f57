package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.in.LegGate.Refusal;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Who is let in and how the others are turned away, on real sockets. */
class LetInTest {
    private static final byte[] SILENCE = Peer.message(0x10, new byte[320]);

    @Test
    void the_first_frame_follows_the_id_without_any_audio_from_the_caller() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.connect().hello()) {
            Peer.Received first = peer.receive();
            assertThat(first.kind()).isEqualTo(0x10);
            assertThat(first.payload()).hasSize(320);
            assertThat(first.mark()).isZero();
            assertThat(peer.receive().mark()).isEqualTo((short) 1);
            assertThat(fixture.gate.media(peer.id).origin.remote())
                    .isEqualTo(ServerFixture.loopback(peer.socket.getLocalPort()));
        }
    }

    @Test
    void nothing_is_written_before_the_id() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.connect()) {
            byte[] hello = Peer.message(0x01, Peer.uuidBytes(peer.id));
            for (int i = 0; i < hello.length - 1; i++) {
                peer.send(hello[i]);
            }
            try (Peer other = fixture.call()) {
                assertThat(other.receive().mark()).isEqualTo((short) 1);
            }
            assertThat(peer.socket.getInputStream().available()).isZero();
            peer.send(hello[hello.length - 1]);
            assertThat(peer.receive().mark()).isZero();
        }
    }

    @Test
    void a_listener_of_an_agent_says_whose_caller_it_is() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.agents = List.of("", "sales");
        try (ServerFixture fixture = settings.start();
                Peer peer = new Peer(fixture.server.addresses().get(1)).hello()) {
            peer.receive();
            assertThat(fixture.gate.media(peer.id).origin.agent()).isEqualTo("sales");
        }
    }

    @Test
    void a_second_leg_of_an_id_is_refused_in_order_and_the_first_does_not_notice() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer first = fixture.call();
                Peer second = fixture.connect().hello(first.id)) {
            second.send(SILENCE);
            assertThat(second.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            second.leave();
            fixture.awaitClosed("already_used", 1);
            for (short mark = 1; mark < 10; mark++) {
                assertThat(first.receive().mark()).isEqualTo(mark);
            }
        }
    }

    @Test
    void every_refusal_is_a_hangup_a_close_in_order_and_a_reason() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start()) {
            for (Refusal refusal : Refusal.values()) {
                fixture.gate.refuseAll = refusal;
                try (Peer peer = fixture.connect().hello()) {
                    assertThat(peer.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
                }
                fixture.awaitClosed(CloseReason.of(refusal).label(), 1);
            }
        }
    }

    @Test
    void the_zero_id_is_unknown() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.connect()) {
            peer.send(Peer.message(0x01, new byte[16]));
            assertThat(peer.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            peer.leave();
            fixture.awaitClosed("unknown_id", 1);
            assertThat(fixture.gate.all).isEmpty();
        }
    }

    @Test
    void a_gate_that_throws_costs_that_connection_only() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer healthy = fixture.call()) {
            fixture.gate.fail = true;
            try (Peer peer = fixture.connect().hello()) {
                assertThat(peer.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            }
            fixture.awaitClosed("internal_error", 1);
            assertThat(healthy.receive().mark()).isEqualTo((short) 1);
        }
    }

    @Test
    void a_connection_that_goes_away_without_an_id_is_counted_and_nothing_else() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start()) {
            fixture.connect().leave();
            fixture.awaitClosed("no_id", 1);
            try (Peer half = fixture.connect()) {
                half.send((byte) 0x01, (byte) 0x00).socket.shutdownOutput();
                assertThat(half.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            }
            fixture.awaitClosed("no_id", 2);
            fixture.connect().reset();
            fixture.awaitClosed("no_id", 3);
            assertThat(fixture.gate.all).isEmpty();
        }
    }

    @Test
    void an_id_that_does_not_come_in_time_ends_the_connection_in_order() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.handshakeTimeout = Duration.ofMillis(50);
        try (ServerFixture fixture = settings.start();
                Peer silent = fixture.connect();
                Peer half = fixture.connect().send((byte) 0x01)) {
            assertThat(silent.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            assertThat(half.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            silent.leave();
            half.leave();
            fixture.awaitClosed("handshake_timeout", 2);
        }
    }

    @Test
    void a_first_message_that_is_no_id_ends_the_connection() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start()) {
            List<byte[]> first = List.of(
                    SILENCE,
                    Peer.message(0x01, new byte[15]),
                    Peer.message(0x03, (byte) '1'),
                    Peer.message(0xff, (byte) 1),
                    "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            for (byte[] message : first) {
                try (Peer peer = fixture.connect().send(message)) {
                    assertThat(peer.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
                }
            }
            fixture.awaitClosed("not_audiosocket", first.size());
        }
    }

    @Test
    void one_connection_too_many_is_turned_away_in_order_until_another_has_ended() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.maxConnections = 2;
        try (ServerFixture fixture = settings.start();
                Peer first = fixture.call();
                Peer second = fixture.call()) {
            try (Peer third = fixture.connect()) {
                assertThat(third.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            }
            fixture.awaitClosed("too_many_connections", 1);
            first.leave();
            fixture.awaitClosed("hung_up", 1);
            try (Peer fourth = fixture.call()) {
                assertThat(fourth.receive().mark()).isEqualTo((short) 1);
            }
            assertThat(second.receive().mark()).isEqualTo((short) 1);
        }
    }

    @Test
    void those_turned_away_who_do_not_go_keep_nobody_out() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.maxConnections = 1;
        settings.closeGrace = Duration.ofSeconds(5);
        try (ServerFixture fixture = settings.start();
                Peer healthy = fixture.call()) {
            List<Peer> stubborn =
                    IntStream.range(0, 20).mapToObj(i -> connect(fixture)).toList();
            fixture.await(() -> fixture.meter.closedFor("too_many_connections") >= 19, "all but one to be dropped");
            healthy.leave();
            fixture.awaitClosed("hung_up", 1);
            try (Peer next = fixture.call()) {
                assertThat(next.receive().mark()).isEqualTo((short) 1);
            }
            for (Peer peer : stubborn) {
                peer.leave();
            }
        }
    }

    @Test
    void an_address_outside_the_ranges_is_turned_away_before_its_id_is_looked_at() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.allow = List.of(AddressRange.parse("192.0.2.0/24"), AddressRange.parse("2001:db8::/32"));
        try (ServerFixture fixture = settings.start();
                Peer peer = fixture.connect().hello()) {
            assertThat(peer.receiveToEnd()).singleElement().matches(Peer.Received::isHangUp);
            peer.leave();
            fixture.awaitClosed("address_not_allowed", 1);
            assertThat(fixture.gate.all).isEmpty();
        }
    }

    @Test
    void an_id_of_any_bits_is_taken_as_it_is() throws IOException {
        PipecatcallId id = new PipecatcallId(UUID.fromString("ffffffff-0000-0000-8000-0000000000ff"));
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.connect().hello(id)) {
            peer.receive();
            assertThat(fixture.gate.media(id).id).isEqualTo(id);
        }
    }

    private static Peer connect(ServerFixture fixture) {
        try {
            return fixture.connect();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
