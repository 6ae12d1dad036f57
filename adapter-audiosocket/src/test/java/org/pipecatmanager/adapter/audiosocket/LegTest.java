package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;

/** The life and the end of a leg, on real sockets. */
class LegTest {
    @Test
    void what_the_caller_says_arrives_whole_though_a_byte_comes_at_a_time() throws IOException {
        byte[] said = new byte[640];
        new Random(7).nextBytes(said);
        byte[] stream = ByteBuffer.allocate(2 * 323 + 4)
                .put(Peer.message(0x10, Arrays.copyOf(said, 320)))
                .put(Peer.message(0x03, (byte) '#'))
                .put(Peer.message(0x10, Arrays.copyOfRange(said, 320, 640)))
                .array();
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            for (byte one : stream) {
                peer.send(one);
            }
            FakeMedia media = fixture.gate.media(peer.id);
            fixture.await(() -> media.heard().length == said.length, "everything said");
            assertThat(media.heard()).isEqualTo(said);
            assertThat(media.keys).containsExactly('#');
            assertThat(media.lastFormat).isEqualTo(AudioFormat.SLIN_8K);
        }
    }

    @Test
    void messages_of_any_length_are_taken_and_what_means_nothing_is_passed_over_and_counted() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            peer.send(Peer.message(0x10))
                    .send(Peer.message(0x10, new byte[65535]))
                    .send(Peer.message(0x02, new byte[6]))
                    .send(Peer.message(0x03, (byte) 'z'))
                    .send(Peer.message(0x03, (byte) '7'));
            FakeMedia media = fixture.gate.media(peer.id);
            fixture.await(() -> !media.keys.isEmpty(), "the key after all that");
            assertThat(media.keys).containsExactly('7');
            assertThat(media.heard()).hasSize(65534);
            assertThat(fixture.meter.droppedOf("odd_byte")).isEqualTo(1);
            assertThat(fixture.meter.droppedOf("unknown_message")).isEqualTo(2);
        }
    }

    @Test
    void the_caller_is_answered_in_the_kind_that_arrives() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            for (AudioKind kind : AudioKind.ALL) {
                int bytes = 2 * kind.format().samplesPerFrame();
                peer.send(Peer.message(kind.code(), new byte[bytes]));
                Peer.Received received = peer.receive();
                while (received.kind() != kind.code()) {
                    received = peer.receive();
                }
                assertThat(received.payload()).hasSize(bytes);
                assertThat(fixture.gate.media(peer.id).lastFormat).isEqualTo(kind.format());
            }
        }
    }

    @Test
    void with_16_khz_requested_0x10_is_16_khz_both_ways() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.requestedFormat = Optional.of(AudioFormat.SLIN_16K);
        try (ServerFixture fixture = settings.start();
                Peer peer = fixture.call()) {
            peer.send(Peer.message(0x10, new byte[640]));
            Peer.Received received = peer.receive();
            while (received.payload().length == 320) {
                received = peer.receive();
            }
            assertThat(received.kind()).isEqualTo(0x10);
            assertThat(received.payload()).hasSize(640);
            assertThat(fixture.gate.media(peer.id).lastFormat).isEqualTo(AudioFormat.SLIN_16K);
        }
    }

    @Test
    void samples_are_given_little_endian() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            peer.send(Peer.message(0x10, (byte) 0x34, (byte) 0x12));
            FakeMedia media = fixture.gate.media(peer.id);
            fixture.await(() -> media.heard().length == 2, "one sample");
            assertThat(ByteBuffer.wrap(media.heard())
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getShort())
                    .isEqualTo((short) 0x1234);
        }
    }

    @Test
    void the_far_end_may_hang_up_by_message_by_close_by_half_close_or_by_reset() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start()) {
            try (Peer message = fixture.call()) {
                message.send(Peer.message(0x00));
                assertThat(message.receiveToEnd()).last().matches(Peer.Received::isHangUp);
                message.leave();
                hungUp(fixture, message, 1);
            }
            try (Peer half = fixture.call()) {
                half.socket.shutdownOutput();
                assertThat(half.receiveToEnd()).last().matches(Peer.Received::isHangUp);
                hungUp(fixture, half, 2);
            }
            Peer closed = fixture.call();
            closed.leave();
            hungUp(fixture, closed, 3);
            Peer reset = fixture.call();
            reset.reset();
            hungUp(fixture, reset, 4);
        }
    }

    private static void hungUp(ServerFixture fixture, Peer peer, int count) {
        fixture.awaitClosed("hung_up", count);
        assertThat(fixture.gate.media(peer.id).ends).containsExactly(LegEnd.HUNG_UP);
    }

    @Test
    void an_end_of_ours_is_the_last_frame_a_hangup_and_the_end_of_the_stream() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            FakeMedia media = fixture.gate.media(peer.id);
            media.endAtNextTick = true;
            List<Peer.Received> rest = peer.receiveToEnd();
            assertThat(rest).last().matches(Peer.Received::isHangUp);
            assertThat(rest.get(rest.size() - 2).mark()).isEqualTo((short) (media.ticks.get() - 1));
            assertThat(media.ends).containsExactly(LegEnd.CLOSED_BY_US);
            assertThat(fixture.meter.closedCount())
                    .as("closed before the far end did")
                    .isZero();
            peer.send(Peer.message(0x10, new byte[320])).leave();
            fixture.awaitClosed("closed_by_us", 1);
        }
    }

    @Test
    void a_far_end_that_talks_on_after_the_end_gets_no_reset_as_long_as_the_grace_lasts() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            fixture.gate.media(peer.id).endAtNextTick = true;
            for (int i = 0; i < 200; i++) {
                peer.send(Peer.message(0x10, new byte[320]));
            }
            assertThat(peer.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            for (int i = 0; i < 200; i++) {
                peer.send(Peer.message(0x10, new byte[320]));
            }
        }
    }

    @Test
    void a_far_end_that_does_not_close_is_closed_after_the_grace() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.closeGrace = Duration.ofMillis(50);
        try (ServerFixture fixture = settings.start();
                Peer peer = fixture.call()) {
            fixture.gate.media(peer.id).endAtNextTick = true;
            fixture.awaitClosed("closed_by_us", 1);
        }
    }

    @Test
    void an_error_message_ends_the_leg_with_that_reason() throws IOException {
        endsWith(Peer.message(0xff, (byte) 4), LegEnd.ERROR_FROM_PEER);
        endsWith(Peer.message(0xff), LegEnd.ERROR_FROM_PEER);
    }

    @Test
    void a_second_id_on_one_connection_is_a_protocol_error() throws IOException {
        endsWith(Peer.message(0x01, new byte[16]), LegEnd.PROTOCOL_ERROR);
        endsWith(Peer.message(0x01), LegEnd.PROTOCOL_ERROR);
    }

    private static void endsWith(byte[] message, LegEnd how) throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = fixture.call()) {
            peer.send(message);
            assertThat(peer.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            peer.leave();
            fixture.awaitClosed(how.label(), 1);
            assertThat(fixture.gate.media(peer.id).ends).containsExactly(how);
        }
    }

    @Test
    void a_media_that_throws_ends_its_own_leg_only() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer healthy = fixture.call()) {
            try (Peer atTick = fixture.call()) {
                fixture.gate.media(atTick.id).throwAtNextTick = true;
                assertThat(atTick.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            }
            try (Peer atAudio = fixture.call()) {
                fixture.gate.media(atAudio.id).throwAtAudio = true;
                atAudio.send(Peer.message(0x10, new byte[320]));
                assertThat(atAudio.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            }
            try (Peer atClose = fixture.call()) {
                fixture.gate.media(atClose.id).throwAtClose = true;
                atClose.send(Peer.message(0x00));
                assertThat(atClose.receiveToEnd()).last().matches(Peer.Received::isHangUp);
            }
            fixture.awaitClosed("internal_error", 3);
            for (short mark = 1; mark < 5; mark++) {
                assertThat(healthy.receive().mark()).isEqualTo(mark);
            }
        }
    }

    @Test
    void a_caller_who_is_silent_is_not_ended() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.handshakeTimeout = Duration.ofMillis(20);
        settings.stallTimeout = Duration.ofMillis(20);
        try (ServerFixture fixture = settings.start();
                Peer peer = fixture.call()) {
            for (short mark = 1; mark < 25; mark++) {
                assertThat(peer.receive().mark()).isEqualTo(mark);
            }
        }
    }

    @Test
    void a_far_end_that_takes_nothing_loses_whole_frames_only_and_is_given_up() throws IOException {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.stallTimeout = Duration.ofMillis(300);
        try (ServerFixture fixture = settings.start();
                Peer peer = new Peer(fixture.address(), 4096)) {
            fixture.gate.prepare = media -> media.periodNanos = 1_000_000;
            peer.hello().send(Peer.message(0x18, new byte[7680]));
            fixture.await(() -> fixture.meter.droppedOf("audio") > 20, "frames to be dropped");
            FakeMedia media = fixture.gate.media(peer.id);
            fixture.await(() -> media.ends.equals(List.of(LegEnd.STALLED)), "the leg to be given up");
            List<Peer.Received> received = peer.receiveToEnd();
            assertThat(received).last().matches(Peer.Received::isHangUp);
            peer.leave();
            fixture.awaitClosed("stalled", 1);
        }
    }

    @Test
    void a_far_end_that_takes_again_in_time_hears_whole_frames_in_order() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer peer = new Peer(fixture.address(), 4096)) {
            fixture.gate.prepare = media -> media.periodNanos = 1_000_000;
            peer.hello().send(Peer.message(0x18, new byte[7680]));
            fixture.await(() -> fixture.meter.droppedOf("audio") > 20, "frames to be dropped");
            FakeMedia media = fixture.gate.media(peer.id);
            short last = -1;
            int stalledAt = media.ticks.get();
            while (last < stalledAt) {
                Peer.Received received = peer.receive();
                assertThat(received.mark()).isGreaterThan(last);
                for (int i = 0; i < received.payload().length; i += 2) {
                    assertThat(received.payload()[i]).isEqualTo((byte) received.mark());
                }
                last = received.mark();
            }
            assertThat(media.ends).isEmpty();
        }
    }

    @Test
    void a_flood_ends_the_connection_that_sends_it_and_no_other() throws IOException {
        try (ServerFixture fixture = ServerFixture.settings().start();
                Peer healthy = fixture.call()) {
            try (Peer flood = fixture.call()) {
                byte[] much = Peer.message(0x02, new byte[60_000]);
                Executable sendMore = () -> {
                    while (fixture.gate.media(flood.id).ends.isEmpty()) {
                        flood.send(much);
                    }
                };
                ignoringReset(sendMore);
            }
            fixture.awaitClosed("flood", 1);
            assertThat(healthy.receive().mark()).isEqualTo((short) 1);
        }
    }

    private static void ignoringReset(Executable action) {
        try {
            action.execute();
        } catch (SocketException expected) {
            assertThat(expected).hasMessageMatching("(?i).*(reset|broken pipe).*");
        } catch (Throwable unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
