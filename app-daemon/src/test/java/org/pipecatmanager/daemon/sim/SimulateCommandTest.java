package org.pipecatmanager.daemon.sim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against a server of a dozen lines that sends every message back. */
class SimulateCommandTest {
    private final ServerSocket server = bind();
    private final ConcurrentLinkedQueue<String> ids = new ConcurrentLinkedQueue<>();
    private volatile int hangUpAfter = Integer.MAX_VALUE;
    private volatile int repeatEvery = Integer.MAX_VALUE;

    @BeforeEach
    void accept() {
        Thread.startVirtualThread(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.startVirtualThread(() -> echo(socket));
                }
            } catch (IOException e) {
                assertThat(server.isClosed()).isTrue();
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void an_echoed_tone_is_whole() {
        JsonNode report = simulate(0, "--calls", "2", "--seconds", "1", "--tone", "440", "--expect-tone", "440");

        assertThat(report.path("frames_lost").asInt()).isZero();
        assertThat(report.path("frames_repeated").asInt()).isZero();
        assertThat(report.path("frames_received").asInt()).isBetween(80, 102);
        assertThat(report.path("per_call").get(0).path("ended").asString()).isEqualTo("caller_hung_up");
        assertThat(ids).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void a_server_that_repeats_frames_is_found_out() {
        repeatEvery = 10;

        JsonNode report = simulate(1, "--seconds", "1", "--tone", "440", "--expect-tone", "440");

        assertThat(report.path("frames_repeated").asInt()).isBetween(3, 6);
    }

    @Test
    void the_hangup_of_the_server_ends_the_call() {
        hangUpAfter = 10;

        JsonNode report = simulate(0, "--seconds", "30");

        assertThat(report.path("per_call").get(0).path("ended").asString()).isEqualTo("server_hung_up");
        assertThat(report.path("frames_received").asInt()).isEqualTo(10);
    }

    @Test
    void a_registration_that_is_refused_or_not_answered_says_so_in_one_line() throws IOException {
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", exchange -> {
            byte[] body = "no such path".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        http.start();
        String url = "http://127.0.0.1:" + http.getAddress().getPort();
        try {
            assertThat(complaint("--server", "127.0.0.1:1", "--register", url))
                    .startsWith("--register: " + url + " answered 404: no such path");
        } finally {
            http.stop(0);
        }
        assertThat(complaint("--server", "127.0.0.1:1", "--register", url))
                .startsWith("--register: " + url + " does not answer (java.net.ConnectException")
                .doesNotContain("\tat ");
    }

    private static String complaint(String... options) {
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new SimulateCommand())
                .setErr(new PrintWriter(err))
                .execute(options);
        assertThat(exit).as("%s", err).isEqualTo(CommandLine.ExitCode.USAGE);
        return err.toString();
    }

    private JsonNode simulate(int expectedExit, String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] arguments = new String[options.length + 3];
        arguments[0] = "--server";
        arguments[1] = "127.0.0.1:" + server.getLocalPort();
        arguments[2] = "--json";
        System.arraycopy(options, 0, arguments, 3, options.length);
        int exit = new CommandLine(new SimulateCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        assertThat(exit).as("%s%s", out, err).isIn(expectedExit, 3);
        return JsonMapper.builder().build().readTree(out.toString());
    }

    private void echo(Socket socket) {
        try (socket;
                var in = new DataInputStream(socket.getInputStream());
                OutputStream out = socket.getOutputStream()) {
            for (int frames = 0; frames < hangUpAfter; ) {
                int kind = in.read();
                if (kind < 0) {
                    return;
                }
                byte[] payload = in.readNBytes(in.readUnsignedShort());
                if (kind == 1) {
                    ids.add(new BigInteger(1, payload).toString(16));
                    continue;
                }
                byte[] message = new byte[3 + payload.length];
                message[0] = (byte) kind;
                message[1] = (byte) (payload.length >> 8);
                message[2] = (byte) payload.length;
                System.arraycopy(payload, 0, message, 3, payload.length);
                out.write(message);
                if (++frames % repeatEvery == 0) {
                    out.write(message);
                }
            }
            out.write(new byte[3]);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static ServerSocket bind() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
