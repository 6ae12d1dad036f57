package org.pipecatmanager.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads one call's server-sent events to the end of their stream, on a thread of its own. */
final class EventReader {
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Event> live = new CompletableFuture<>();
    private final CompletableFuture<List<Event>> end = new CompletableFuture<>();

    /** One event; {@code data} is what its envelope carries. */
    record Event(long id, String type, JsonNode data) {}

    /** Opens the stream from the first event on. */
    EventReader(HttpClient client, URI address) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            throw new IOException(address + " answered " + response.statusCode());
        }
        Thread.ofVirtual().start(() -> read(response.body()));
    }

    private void read(InputStream body) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            long id = 0;
            String type = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = Long.parseLong(line.substring(4));
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    Event event = new Event(
                            id,
                            type,
                            JsonMapper.shared().readTree(line.substring(6)).path("data"));
                    events.add(event);
                    if (type.equals("pipecatcall_initialized")) {
                        live.complete(event);
                    }
                }
            }
            end.complete(List.copyOf(events));
        } catch (IOException | RuntimeException e) {
            end.completeExceptionally(new AssertionError("the stream broke after " + events, e));
        }
    }

    /** What came so far. */
    List<Event> soFar() {
        return List.copyOf(events);
    }

    /** Whether an event of that type came. */
    boolean has(String type) {
        return events.stream().anyMatch(event -> event.type().equals(type));
    }

    /** Waits for caller and bot hearing each other. */
    void awaitLive(long seconds) throws InterruptedException, ExecutionException, TimeoutException {
        live.get(seconds, TimeUnit.SECONDS);
    }

    /** All events, once the daemon has ended the stream in order; fails when it was cut. */
    List<Event> toEnd(long seconds) throws InterruptedException, ExecutionException, TimeoutException {
        return end.get(seconds, TimeUnit.SECONDS);
    }
}
