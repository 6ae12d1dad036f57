package org.pipecatmanager.daemon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The runner's side of the wire without a pipeline: every call gets a tone of {@value #TONE_HZ} Hz, continuous in phase, within
 * the grant of the playout reports. A link can be broken in every way a runner's can.
 *
 * <p>Its HTTP connections are closed after each answer, so that what the daemon has open between calls is its own.
 */
final class StandInRunner implements AutoCloseable {
    static final String TOKEN = "stand-in";
    static final int TONE_HZ = 440;
    private static final int RATE_HZ = 16_000;
    private static final int CHUNK_MILLIS = 20;
    private static final int CHUNK_SAMPLES = RATE_HZ * CHUNK_MILLIS / 1000;
    /** -12 dBFS. */
    private static final double AMPLITUDE = 8_230;

    private final long aheadMillis;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<UUID, RunnerSocket> playing = new ConcurrentHashMap<>();
    private final Map<UUID, Link> links = new ConcurrentHashMap<>();
    private final Map<UUID, CompletableFuture<Link>> reserved = new ConcurrentHashMap<>();
    private final Map<UUID, List<JsonNode>> runs = new ConcurrentHashMap<>();
    private final Queue<UUID> stopped = new ConcurrentLinkedQueue<>();

    /** Where a call's link goes, and its token. */
    record Link(URI url, String token) {}

    /** One that keeps to the grant. */
    StandInRunner() throws IOException {
        this(0);
    }

    /**
     * Makes a runner and starts it.
     *
     * @param aheadMillis how much it sends beyond the grant, at most: what it may be late by, unheard
     */
    StandInRunner(long aheadMillis) throws IOException {
        this.aheadMillis = aheadMillis;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_000);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** As the daemon's child: tells its port, then serves until its standard input ends. */
    public static void main(String[] arguments) throws IOException {
        try (StandInRunner runner = new StandInRunner()) {
            System.out.println(
                    "{\"event\":\"listening\",\"port\":" + runner.url().getPort() + "}");
            System.in.transferTo(ByteArrayOutputStream.nullOutputStream());
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** The socket of a call that plays. */
    RunnerSocket socket(UUID id) {
        RunnerSocket socket = playing.get(id);
        if (socket == null) {
            throw new IllegalStateException("call " + id + " plays nothing here");
        }
        return socket;
    }

    /** How many links play. */
    int playing() {
        return playing.size();
    }

    /** Address and token of a call that was started here. */
    Link link(UUID id) {
        Link link = links.get(id);
        if (link == null) {
            throw new IllegalStateException("call " + id + " was never started here");
        }
        return link;
    }

    /** The bodies of the requests that started a call here, in their order. */
    List<JsonNode> runs(UUID id) {
        return runs.getOrDefault(id, List.of());
    }

    /** When this call is started, nothing is played: whoever asked connects as he likes. */
    CompletableFuture<Link> reserve(UUID id) {
        return reserved.computeIfAbsent(id, unknown -> new CompletableFuture<>());
    }

    /** Whether the daemon told us to stop this call. */
    boolean wasToldToStop(UUID id) {
        return stopped.contains(id);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            boolean child = System.getenv("RUNNER_TOKEN") != null;
            String token = child ? System.getenv("RUNNER_TOKEN") : TOKEN;
            if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                respond(exchange, 401, "{\"detail\":\"wrong token\"}");
                return;
            }
            switch (path) {
                case "/health" -> respond(exchange, 200, "{\"status\":\"ok\"}");
                case "/run" -> run(exchange);
                case "/stop" -> stop(exchange);
                default -> respond(exchange, 404, "{\"detail\":\"no such route\"}");
            }
        }
    }

    private void run(HttpExchange exchange) throws IOException {
        JsonNode body = JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
        UUID id = UUID.fromString(body.path("id").asString());
        Link link = new Link(
                URI.create(body.path("link").path("ws_url").asString()),
                body.path("link").path("token").asString());
        links.put(id, link);
        runs.computeIfAbsent(id, first -> new CopyOnWriteArrayList<>()).add(body);
        CompletableFuture<Link> taker = reserved.get(id);
        if (taker == null) {
            RunnerSocket socket;
            try {
                socket = new RunnerSocket(link.url(), link.token());
            } catch (IOException e) {
                respond(exchange, 502, "{\"detail\":\"the daemon refused the link\"}");
                return;
            }
            playing.put(id, socket);
            long window = body.path("audio").path("window_ms").asLong();
            threads.execute(() -> play(id, socket, window));
        } else {
            taker.complete(link);
        }
        respond(exchange, 200, "{\"status\":\"ok\"}");
    }

    private void stop(HttpExchange exchange) throws IOException {
        UUID id = UUID.fromString(exchange.getRequestURI().getQuery().replaceFirst("^id=", ""));
        stopped.add(id);
        RunnerSocket socket = playing.get(id);
        if (socket == null) {
            respond(exchange, 404, "{\"detail\":\"no such call\"}");
        } else {
            socket.close();
            respond(exchange, 200, "{\"status\":\"stopped\"}");
        }
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Connection", "close");
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Plays up to the grant; every report moves it on. */
    private void play(UUID id, RunnerSocket socket, long windowMillis) {
        long sentMillis = 0;
        long limitMillis = windowMillis + aheadMillis;
        try (socket) {
            while (true) {
                // In one piece: a process that is short of time between two frames would be heard.
                ByteArrayOutputStream due = new ByteArrayOutputStream();
                for (; sentMillis + CHUNK_MILLIS <= limitMillis; sentMillis += CHUNK_MILLIS) {
                    due.writeBytes(RunnerSocket.frame(RunnerSocket.BINARY, tone(sentMillis)));
                }
                socket.write(due.toByteArray());
                RunnerSocket.Frame frame = socket.receive();
                switch (frame.opcode()) {
                    case RunnerSocket.CLOSE -> {
                        socket.send(RunnerSocket.CLOSE, frame.payload());
                        return;
                    }
                    case RunnerSocket.PING -> socket.send(RunnerSocket.PONG, frame.payload());
                    default -> limitMillis = Math.max(limitMillis, grant(frame.payload()) + aheadMillis);
                }
            }
        } catch (IOException ended) {
            // The test or the daemon broke the link.
        } finally {
            playing.remove(id, socket);
        }
    }

    /** The limit in a playout report; 0 in every other frame. */
    private static long grant(byte[] frame) {
        // Field 4 of a frame is a message, whose only field is text.
        if (frame.length == 0 || frame[0] != 0x22) {
            return 0;
        }
        int text = afterVarint(frame, afterVarint(frame, 1) + 1);
        JsonNode data = JsonMapper.shared()
                .readTree(new String(frame, text, frame.length - text, StandardCharsets.UTF_8))
                .path("data");
        return data.path("t").asString("").equals("playout")
                ? data.path("d").path("limit_ms").asLong()
                : 0;
    }

    private static int afterVarint(byte[] bytes, int at) {
        int next = at;
        while (bytes[next] < 0) {
            next++;
        }
        return next + 1;
    }

    /** A frame of an RTVI message: field 1 of a message frame, which is field 4 of a frame. */
    static byte[] message(String type, String data) {
        byte[] json = ("{\"label\":\"rtvi-ai\",\"type\":\"" + type + "\",\"data\":" + data + "}")
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(0x0a);
        varint(message, json.length);
        message.writeBytes(json);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x22);
        varint(frame, message.size());
        frame.writeBytes(message.toByteArray());
        return frame.toByteArray();
    }

    /** A frame of audio at this place of the tone: fields 3, 4 and 5 of an audio frame, which is field 2 of a frame. */
    static byte[] tone(long atMillis) {
        ByteBuffer pcm = ByteBuffer.allocate(CHUNK_SAMPLES * 2).order(ByteOrder.LITTLE_ENDIAN);
        long first = atMillis * RATE_HZ / 1000;
        for (long n = first; n < first + CHUNK_SAMPLES; n++) {
            // Whole seconds hold whole periods: the phase stays exact for ever.
            pcm.putShort((short) Math.round(AMPLITUDE * Math.sin(2 * Math.PI * TONE_HZ * (n % RATE_HZ) / RATE_HZ)));
        }
        ByteArrayOutputStream audio = new ByteArrayOutputStream();
        audio.write(0x1a);
        varint(audio, pcm.capacity());
        audio.writeBytes(pcm.array());
        audio.write(0x20);
        varint(audio, RATE_HZ);
        audio.write(0x28);
        audio.write(1);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(0x12);
        varint(frame, audio.size());
        frame.writeBytes(audio.toByteArray());
        return frame.toByteArray();
    }

    private static void varint(ByteArrayOutputStream out, int value) {
        int rest = value;
        for (; rest > 0x7f; rest >>>= 7) {
            out.write((rest & 0x7f) | 0x80);
        }
        out.write(rest);
    }

    @Override
    public void close() {
        server.stop(0);
        playing.values().forEach(socket -> {
            try {
                socket.close();
            } catch (IOException e) {
                throw new IllegalStateException("a socket does not close", e);
            }
        });
        threads.close();
    }
}
