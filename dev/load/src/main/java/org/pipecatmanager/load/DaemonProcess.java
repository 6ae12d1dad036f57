package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** {@code bin/pipecat-manager run} as packaged, with the flags it has of itself and a log of its collector. */
final class DaemonProcess implements AutoCloseable {
    private static final int SETTLE_SECONDS = 15;
    private static final String ALLOCATED = "pipecat_manager_allocated_bytes_total";
    private static final String SESSIONS = "pipecat_manager_sessions";

    private final Child child;
    private final GcLog gc;
    private final HttpClient client = HttpClient.newHttpClient();

    DaemonProcess(Path folder, Map<String, String> settings) throws IOException {
        Path log = folder.resolve("daemon-gc.log");
        ProcessBuilder builder =
                new ProcessBuilder(Bench.home().resolve("bin/pipecat-manager").toString(), "run");
        Map<String, String> environment = builder.environment();
        environment.put("DATA_DIR", folder.resolve("data").toString());
        environment.put("LOG_LEVEL", "WARN");
        environment.put("MAX_SESSIONS", "2000");
        environment.put("AUDIOSOCKET_MAX_CONNECTIONS", "2000");
        environment.put(
                "JAVA_OPTS",
                (Objects.requireNonNullElse(System.getenv("JAVA_OPTS"), "") + " " + GcLog.option(log)).strip());
        environment.putAll(settings);
        child = new Child(builder, Bench.logs().resolve("daemon.log"));
        gc = new GcLog(log);
    }

    InetSocketAddress audioSocket() {
        return address(child.ready().path("audiosocket").get(0).asString());
    }

    private static InetSocketAddress address(String text) {
        URI uri = URI.create("tcp://" + text);
        return new InetSocketAddress(uri.getHost(), uri.getPort());
    }

    ProcessFigures figures() {
        return new ProcessFigures(child.pid());
    }

    GcLog.Pauses pauses() throws IOException {
        return gc.next();
    }

    double allocatedBytes() throws IOException, InterruptedException {
        return metric(ALLOCATED);
    }

    /** Whether it takes calls. */
    boolean isReady() throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri("/readyz")).build(), BodyHandlers.discarding())
                        .statusCode()
                == 200;
    }

    /** Waits until it holds no session; answers how many it does after all. */
    int settle() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        double left = metric(SESSIONS);
        while (left > 0 && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(50);
            left = metric(SESSIONS);
        }
        return (int) left;
    }

    /** A sample without labels; NaN where there is none of that name. */
    double metric(String name) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri("/metrics")).build(), BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    private URI uri(String path) {
        return URI.create("http://" + child.ready().path("metrics").asString() + path);
    }

    @Override
    public void close() {
        client.shutdownNow();
        child.close();
    }
}
