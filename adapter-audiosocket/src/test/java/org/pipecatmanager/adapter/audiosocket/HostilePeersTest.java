package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Thousands of connections that mean harm, or break, beside one call that must not notice. */
class HostilePeersTest {
    private static final int CONNECTIONS = 3000;
    private static final int AT_ONCE = 48;
    private static final Set<String> EXPECTED_REASONS = Set.of(
            "hung_up",
            "error_from_peer",
            "protocol_error",
            "no_id",
            "handshake_timeout",
            "not_audiosocket",
            "already_used",
            "flood",
            "unknown_id");

    @Test
    void hostile_connections_are_all_closed_with_a_reason_and_a_healthy_call_loses_no_frame() throws Exception {
        ServerFixture.Settings settings = ServerFixture.settings();
        settings.handshakeTimeout = Duration.ofMillis(200);
        settings.closeGrace = Duration.ofMillis(500);
        try (ServerFixture fixture = settings.start();
                Peer healthy = fixture.call();
                ExecutorService hostile = Executors.newFixedThreadPool(AT_ONCE);
                ExecutorService listener = Executors.newSingleThreadExecutor()) {
            FakeMedia media = fixture.gate.media(healthy.id);
            Future<List<Short>> heard = listener.submit(() -> marksToEnd(healthy));
            List<Future<?>> attacks = new ArrayList<>();
            for (int seed = 0; seed < CONNECTIONS; seed++) {
                Random random = new Random(seed);
                attacks.add(hostile.submit(() -> {
                    attack(fixture, healthy.id, random);
                    return null;
                }));
            }
            for (int seed = 0; seed < CONNECTIONS; seed++) {
                finish(attacks.get(seed), "attack with seed " + seed);
            }
            fixture.await(() -> fixture.meter.closedCount() == CONNECTIONS, "every hostile connection to be closed");
            assertThat(EXPECTED_REASONS).containsAll(fixture.meter.reasons().keySet());
            assertThat(fixture.meter.reasons())
                    .containsKeys("hung_up", "no_id", "handshake_timeout", "not_audiosocket", "already_used");
            assertThat(media.ends).isEmpty();

            media.endAtNextTick = true;
            List<Short> marks = heard.get(Peer.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(marks).hasSize(media.ticks.get() - 1);
            for (int i = 0; i < marks.size(); i++) {
                assertThat(marks.get(i)).isEqualTo((short) (i + 1));
            }
            healthy.leave();
            fixture.awaitClosed("closed_by_us", 1);
        }
    }

    private static void finish(Future<?> attack, String what) throws InterruptedException, ExecutionException {
        try {
            attack.get(60, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(what + " does not end", e);
        }
    }

    private static List<Short> marksToEnd(Peer peer) throws IOException {
        List<Short> marks = new ArrayList<>();
        Peer.Received received = peer.receive();
        while (!received.isHangUp()) {
            marks.add(received.mark());
            received = peer.receive();
        }
        return marks;
    }

    /** One connection; that the server resets or closes it at any moment is part of the game. */
    private static void attack(ServerFixture fixture, PipecatcallId used, Random random) throws IOException {
        try (Peer peer = fixture.connect()) {
            switch (random.nextInt(10)) {
                case 0 -> {}
                case 1 -> {
                    // A partial header held open.
                    peer.send((byte) 0x01, (byte) 0x00);
                    peer.receiveToEnd();
                }
                case 2 -> peer.send(noise(random, 4000)).receiveToEnd();
                case 3 -> {
                    peer.send(noise(random, 10)).socket.shutdownOutput();
                    peer.receiveToEnd();
                }
                case 4 -> peer.hello().reset();
                case 5 -> {
                    peer.hello().send(noise(random, 4000)).socket.shutdownOutput();
                    peer.receiveToEnd();
                }
                case 6 -> peer.hello(used).receiveToEnd();
                case 7 -> {
                    peer.hello();
                    for (int i = 0; i < 200; i++) {
                        peer.send(Peer.message(0x10, new byte[random.nextInt(2000)]));
                    }
                    peer.reset();
                }
                case 8 ->
                    peer.send("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
                            .receiveToEnd();
                default -> {
                    byte[] hello = Peer.message(0x01, Peer.uuidBytes(peer.id));
                    for (byte one : hello) {
                        peer.send(one);
                    }
                    peer.receive();
                    peer.send((byte) 0x10, (byte) 0xff).socket.shutdownOutput();
                    peer.receiveToEnd();
                }
            }
        } catch (SocketException expected) {
            assertThat(expected).hasMessageMatching("(?i).*(reset|broken pipe|closed).*");
        }
    }

    private static byte[] noise(Random random, int most) {
        byte[] bytes = new byte[1 + random.nextInt(most)];
        random.nextBytes(bytes);
        return bytes;
    }
}
