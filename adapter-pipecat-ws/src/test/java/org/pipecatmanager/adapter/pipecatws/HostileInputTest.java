package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.adapter.pipecatws.TestServer.ID;
import static org.pipecatmanager.adapter.pipecatws.TestServer.TOKEN;
import static org.pipecatmanager.adapter.pipecatws.TestServer.upgrade;

import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.PipecatcallId;

class HostileInputTest {
    private static final long SEED = 20_261_122;

    @Test
    void a_hundred_thousand_random_and_mutated_messages_are_frames_or_violations_and_nothing_else() {
        var random = new Random(SEED);
        byte[][] good = {
            FrameCodec.encodeAudio(new short[320], 0, 320, 16_000),
            FrameCodec.encodeInterruption(),
            FrameCodec.encodeMessage(
                    "{\"label\":\"rtvi-ai\",\"type\":\"metrics\",\"data\":{\"ttfb\":[{\"processor\":\"x\",\"value\":1}]}}"),
            FrameCodec.encodeMessage(
                    "{\"label\":\"rtvi-ai\",\"type\":\"bot-output\",\"data\":{\"text\":\"a\",\"spoken_status\":\"new\"}}")
        };
        int violations = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] message = i % 2 == 0 ? new byte[random.nextInt(64)] : good[random.nextInt(good.length)].clone();
            if (i % 2 == 0) {
                random.nextBytes(message);
            } else if (message.length > 0) {
                message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                if (FrameCodec.decode(ByteBuffer.wrap(message)) instanceof RunnerFrame.Message(String json)) {
                    assertThat(RtviCodec.decode(json))
                            .as("seed %d, message %d", SEED, i)
                            .isNotNull();
                }
            } catch (ProtocolViolation e) {
                violations++;
            }
        }
        assertThat(violations).isBetween(10_000, 90_000);
    }

    @Test
    void two_thousand_bad_connections_are_closed_and_counted_and_a_good_link_does_not_notice() throws Exception {
        int connections = 2_000;
        try (var server = new TestServer(
                config -> config.withMaxConnections(300)
                        .withRequestTimeouts(Duration.ofMillis(300), Duration.ofMillis(500))
                        .withLinkTimeouts(Duration.ofSeconds(10), Duration.ofMillis(500)),
                exchange -> exchange.respond(200, "", new byte[0]))) {
            try (WireRunner healthy = server.runner("");
                    var attackers = Executors.newVirtualThreadPerTaskExecutor()) {
                var heard = server.gate.at(ID, LinkDirection.BOTH);
                assertThat(heard.next()).isEqualTo("opened");
                var running = new Semaphore(100);
                var attacks = IntStream.range(0, connections)
                        .mapToObj(i -> attackers.submit(() -> {
                            running.acquire();
                            try {
                                attack(server, i);
                            } finally {
                                running.release();
                            }
                            return null;
                        }))
                        .toList();
                for (int i = 0; i < 200; i++) {
                    healthy.send(WireRunner.BINARY, FrameCodec.encodeAudio(new short[] {(short) i}, 0, 1, 16_000));
                    assertThat(heard.next())
                            .isEqualTo(new TestRunnerGate.Heard.Audio(java.util.List.of((short) i), 16_000));
                }
                for (Future<?> each : attacks) {
                    finished(each);
                }
                heard.link().close();
                assertThat(healthy.receiveClose().closeCode()).isEqualTo(1000);
            }
            server.http.awaitAllClosed(connections + 1);
            TestMeter.await(
                    () -> server.links.opened.get() == server.links.closed(),
                    () -> "links opened " + server.links.opened + ", closed " + server.links.closed());
            assertThat(server.links.closedAs("protocol_error")).isPositive();
            assertThat(server.http.closedAs("head_timeout")).isPositive();
            assertThat(server.http.closedAs("refused_404")).isPositive();
        }
    }

    /** A reset or an early end of our own doing is what these connections ask for. */
    private static void finished(Future<?> attack) throws InterruptedException {
        try {
            attack.get();
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(IOException.class);
        }
    }

    private static void attack(TestServer server, int number) throws IOException {
        var random = new Random(SEED + number);
        byte[] noise = new byte[1 + random.nextInt(2_000)];
        random.nextBytes(noise);
        switch (number % 10) {
            case 0 -> server.exchange(new String(noise, StandardCharsets.ISO_8859_1));
            case 1 -> server.exchange("GET /" + "a".repeat(random.nextInt(200)));
            case 2 -> server.exchange(upgrade("/" + new UUID(number, 1) + "/ws", TOKEN));
            case 3 -> server.exchange(upgrade("/" + ID + "/ws", "wrong") + "trailing");
            case 4 -> server.exchange("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nshort");
            case 5 -> {
                try (Socket socket = server.connect()) {
                    socket.getOutputStream().write("GET / HT".getBytes(StandardCharsets.ISO_8859_1));
                    socket.setSoLinger(true, 0);
                }
            }
            case 6 -> server.connect().close();
            case 7 -> server.exchange("BREW /pot HTCPCP/1.0\r\n: \r\n\r\n");
            case 8 -> link(server, number, WireRunner.TEXT, noise);
            default -> link(server, number, WireRunner.BINARY, noise);
        }
    }

    private static void link(TestServer server, int number, int opcode, byte[] payload) throws IOException {
        var id = new PipecatcallId(new UUID(number, 2));
        server.gate.expect(id, TOKEN);
        try (var runner = new WireRunner(server.connect(), upgrade("/" + id + "/ws", TOKEN))) {
            runner.send(opcode, payload);
            runner.send(0xff, payload);
            runner.receiveClose();
            if (number % 20 == 9) {
                runner.reset();
            }
        }
    }
}
