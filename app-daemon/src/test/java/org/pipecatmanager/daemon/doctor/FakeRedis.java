package org.pipecatmanager.daemon.doctor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** Speaks as much of Redis as is asked of it, and has a clock of its own. */
final class FakeRedis implements AutoCloseable {
    private final ServerSocket server;
    private final Duration ahead;

    FakeRedis(Duration ahead) throws IOException {
        this.ahead = ahead;
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                for (String head = lines.readLine(); head != null; head = lines.readLine()) {
                    String command = "";
                    for (int words = Integer.parseInt(head.substring(1)); words > 0; words--) {
                        lines.readLine();
                        String word = lines.readLine();
                        command = command.isEmpty() ? word.toUpperCase(Locale.ROOT) : command;
                    }
                    OutputStream out = socket.getOutputStream();
                    out.write(answer(command).getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            } catch (IOException e) {
                // The next one, or the end.
            }
        }
    }

    private String answer(String command) {
        return switch (command) {
            case "PING" -> "+PONG\r\n";
            case "INFO" -> bulk("redis_version:7.2.4\r\nrole:master\r\n");
            case "TIME" -> {
                Instant now = Instant.now().plus(ahead);
                yield "*2\r\n" + bulk(Long.toString(now.getEpochSecond()))
                        + bulk(Integer.toString(now.getNano() / 1000));
            }
            case "HELLO" -> "*4\r\n" + bulk("server") + bulk("redis") + bulk("proto") + ":2\r\n";
            case "SCAN" -> "*2\r\n" + bulk("0") + "*0\r\n";
            default -> "+OK\r\n";
        };
    }

    private static String bulk(String text) {
        return "$" + text.length() + "\r\n" + text + "\r\n";
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
