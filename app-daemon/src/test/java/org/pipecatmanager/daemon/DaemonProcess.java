package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code bin/pipecat-manager run} as packaged, and what it tells about itself. */
final class DaemonProcess implements AutoCloseable {
    static final int PATIENCE_SECONDS = 30;
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    final HttpClient client = HttpClient.newHttpClient();
    final Process process;
    private final Path log;
    private final JsonNode ready;

    /** Starts it and waits until it is ready; it listens on free ports. */
    DaemonProcess(Path dir, String agents, Map<String, String> settings) throws IOException {
        assertThat(HOME.resolve("app-daemon/target/app-daemon.jar"))
                .as("what bin/pipecat-manager starts; package it first")
                .exists();
        log = dir.resolve("daemon.log");
        ProcessBuilder builder =
                new ProcessBuilder(HOME.resolve("bin/pipecat-manager").toString(), "run").redirectError(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "LOG_LEVEL", "WARN",
                        "WARM_UP", "0",
                        "JAVA_HOME", System.getProperty("java.home"),
                        "AGENTS_FILE",
                                Files.writeString(dir.resolve("agents.yaml"), agents)
                                        .toString(),
                        "DATA_DIR", dir.resolve("data").toString(),
                        "HTTP_LISTEN_ADDRESS", "127.0.0.1:0",
                        "AUDIOSOCKET_LISTEN_ADDRESS", "127.0.0.1:0",
                        "PROMETHEUS_LISTEN_ADDRESS", "127.0.0.1:0"));
        builder.environment().putAll(settings);
        process = builder.start();
        String line = process.inputReader().readLine();
        assertThat(line).as("the ready line; log: %s", log()).isNotNull();
        ready = JsonMapper.shared().readTree(line);
    }

    InetSocketAddress audioSocket() {
        return address(ready.path("audiosocket").get(0));
    }

    InetSocketAddress http() {
        return address(ready.path("http"));
    }

    private static InetSocketAddress address(JsonNode text) {
        URI uri = URI.create("tcp://" + text.asString());
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    /** An address on its HTTP port. */
    URI uri(String path) {
        return URI.create("http://" + ready.path("http").asString() + path);
    }

    /** A caller with this id. */
    AudioSocketCaller caller(UUID id) throws IOException {
        return new AudioSocketCaller(
                audioSocket().getHostString(), audioSocket().getPort(), id);
    }

    /** The events of a call there is. */
    EventReader events(UUID id) throws IOException, InterruptedException {
        return new EventReader(client, uri("/v1/pipecatcalls/" + id + "/events"));
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    /** The record of a call. */
    JsonNode call(UUID id) throws IOException, InterruptedException {
        return JsonMapper.shared().readTree(get("/v1/pipecatcalls/" + id).body());
    }

    /** What Prometheus gets. */
    String scrape() throws IOException, InterruptedException {
        URI address = URI.create("http://" + ready.path("metrics").asString() + "/metrics");
        return client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString())
                .body();
    }

    /** Every sample of our own, by name and labels as written. */
    Map<String, Double> metrics() throws IOException, InterruptedException {
        Map<String, Double> samples = new TreeMap<>();
        scrape().lines().filter(line -> line.startsWith("pipecat_manager_")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
        });
        return samples;
    }

    /** Waits until no session is left and every connection of each kind that was opened was closed with a reason. */
    void awaitNothingOpen() throws IOException, InterruptedException {
        await("no session, and connections opened = closed", () -> {
            Map<String, Double> samples = metrics();
            return samples.getOrDefault("pipecat_manager_sessions", -1.0) == 0
                    && Stream.of("leg", "link", "http")
                            .allMatch(kind -> opened(samples, kind) == closed(samples, kind));
        });
    }

    static double opened(Map<String, Double> samples, String kind) {
        return samples.getOrDefault("pipecat_manager_connections_opened_total{kind=\"" + kind + "\"}", 0.0);
    }

    /** All reasons together. */
    static double closed(Map<String, Double> samples, String kind) {
        return samples.entrySet().stream()
                .filter(sample ->
                        sample.getKey().startsWith("pipecat_manager_connections_closed_total{kind=\"" + kind + "\","))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** How many connections of a kind were closed for this reason. */
    static double closed(Map<String, Double> samples, String kind, String reason) {
        return samples.getOrDefault(
                "pipecat_manager_connections_closed_total{kind=\"" + kind + "\",reason=\"" + reason + "\"}", 0.0);
    }

    /** What the process holds. */
    Footprint footprint() throws IOException, InterruptedException {
        return Footprint.of(process.pid());
    }

    /** Waits until the process holds no more than it did. */
    void awaitNoMoreThan(Footprint before) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Set<String> growth = footprint().growth(before);
        while (!growth.isEmpty() && System.nanoTime() - deadline < 0) {
            growth = footprint().growth(before);
        }
        assertThat(growth).as("left behind; log: %s", log()).isEmpty();
    }

    String log() throws IOException {
        return Files.exists(log) ? Files.readString(log) : "none";
    }

    /** Something that is to come true. */
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    void await(String what, Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.holds()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("never came true: " + what + "\nlog: " + log());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Ends it at once, as a power cut does. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
