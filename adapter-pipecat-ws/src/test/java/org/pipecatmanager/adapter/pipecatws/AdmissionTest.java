package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.adapter.pipecatws.TestServer.ID;
import static org.pipecatmanager.adapter.pipecatws.TestServer.STRANGER;
import static org.pipecatmanager.adapter.pipecatws.TestServer.TOKEN;
import static org.pipecatmanager.adapter.pipecatws.TestServer.upgrade;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.model.LinkDirection;

class AdmissionTest {
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_wrong_or_missing_token_is_401() throws IOException {
        assertThat(server.exchange(upgrade("/" + ID + "/ws", "wrong"))).startsWith("HTTP/1.1 401 ");
        assertThat(server.exchange(upgrade("/" + ID + "/ws", "")))
                .startsWith("HTTP/1.1 401 ")
                .contains("\r\nWWW-Authenticate: Bearer\r\n", "\r\nConnection: close\r\n");
        server.http.awaitClosedAs("refused_401", 2);
    }

    @Test
    void an_unknown_session_is_404() throws IOException {
        assertThat(server.exchange(upgrade("/" + STRANGER + "/ws", TOKEN))).startsWith("HTTP/1.1 404 ");
        server.http.awaitClosedAs("refused_404", 1);
    }

    @Test
    void a_second_socket_in_a_direction_is_409_and_the_first_lives_on() throws Exception {
        try (WireRunner first = server.runner("")) {
            assertThat(server.exchange(upgrade("/" + ID + "/ws", TOKEN))).startsWith("HTTP/1.1 409 ");
            first.send(WireRunner.BINARY, FrameCodec.encodeInterruption());
            var heard = server.gate.at(ID, LinkDirection.BOTH);
            assertThat(heard.next()).isEqualTo("opened");
            assertThat(heard.next()).isEqualTo(new TestRunnerGate.Heard.Interrupted());
        }
    }

    @Test
    void a_session_may_have_one_socket_for_each_direction() throws Exception {
        try (WireRunner input = server.runner("?direction=input");
                WireRunner output = server.runner("?direction=output")) {
            output.send(WireRunner.BINARY, FrameCodec.encodeInterruption());
            var heard = server.gate.at(ID, LinkDirection.OUTPUT);
            assertThat(heard.next()).isEqualTo("opened");
            assertThat(heard.next()).isEqualTo(new TestRunnerGate.Heard.Interrupted());
            server.gate.at(ID, LinkDirection.INPUT).link().close();
            assertThat(input.receiveClose().closeCode()).isEqualTo(1000);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    id in upper case     | /0D5F1F2E-7C1A-4A53-9C0E-3F5D8C6B7A10/ws | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400
                    no id                | /x/ws                                    | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400
                    unknown direction    | /0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/ws?direction=up | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400
                    two directions       | /0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/ws?direction=input&direction=output | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400
                    short key            | /0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/ws | Upgrade | 13 | c2hvcnQ= | 400
                    not an upgrade       | /0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/ws | close   | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400
                    old version          | /0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/ws | Upgrade | 8  | dGhlIHNhbXBsZSBub25jZQ== | 426
                    other path           | /v1/pipecatcalls                         | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 404
                    """)
    void a_malformed_upgrade_is_refused_before_the_gate_is_asked(
            String what, String path, String connection, String version, String key, int status) throws IOException {
        String answer = server.exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: " + connection
                + "\r\nUpgrade: websocket\r\nSec-WebSocket-Version: " + version + "\r\nSec-WebSocket-Key: " + key
                + "\r\nAuthorization: Bearer " + TOKEN + "\r\n\r\n");
        assertThat(answer).as(what).startsWith("HTTP/1.1 " + status + " ").contains("{\"error\":\"");
    }

    @Test
    void a_head_that_comes_byte_by_byte_and_a_frame_right_behind_it_are_served() throws Exception {
        try (Socket socket = server.connect()) {
            socket.setTcpNoDelay(true);
            byte[] head = upgrade("/" + ID + "/ws", TOKEN).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
            for (int i = 0; i < head.length - 1; i++) {
                socket.getOutputStream().write(head[i]);
            }
            byte[] frame = WireRunner.frame(WireRunner.BINARY, FrameCodec.encodeInterruption());
            byte[] rest = new byte[1 + frame.length];
            rest[0] = head[head.length - 1];
            System.arraycopy(frame, 0, rest, 1, frame.length);
            socket.getOutputStream().write(rest);
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            var heard = server.gate.at(ID, LinkDirection.BOTH);
            assertThat(heard.next()).isEqualTo("opened");
            assertThat(heard.next()).isEqualTo(new TestRunnerGate.Heard.Interrupted());
        }
    }

    @Test
    void a_slow_head_is_408_a_long_one_431_and_noise_400() throws IOException {
        server.close();
        server = new TestServer(
                config -> config.withRequestTimeouts(Duration.ofMillis(300), Duration.ofSeconds(10)), exchange -> {});
        assertThat(server.exchange("GET / HTTP/1.1\r\nHost: x\r\n")).startsWith("HTTP/1.1 408 ");
        assertThat(server.exchange("GET /" + "x".repeat(PipecatWsConfig.MAX_HEAD_BYTES)))
                .startsWith("HTTP/1.1 431 ");
        assertThat(server.exchange("\u0016\u0003\u0001 this is TLS")).startsWith("HTTP/1.1 400 ");
        server.http.awaitClosedAs("head_timeout", 1);
        server.http.awaitClosedAs("long_head", 1);
        server.http.awaitClosedAs("malformed_head", 1);
    }

    @Test
    void one_connection_more_than_allowed_is_503_and_a_place_given_back_is_taken_again() throws Exception {
        server.close();
        server = new TestServer(config -> config.withMaxConnections(3), exchange -> {});
        List<Socket> idle = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            idle.add(server.connect());
        }
        TestMeter.await(() -> server.http.opened.get() == 3, () -> "opened " + server.http.opened);
        assertThat(server.exchange(upgrade("/" + ID + "/ws", TOKEN))).startsWith("HTTP/1.1 503 ");
        idle.removeFirst().close();
        server.http.awaitClosedAs("head_unfinished", 1);
        server.runner("").close();
        for (Socket each : idle) {
            each.close();
        }
    }
}
