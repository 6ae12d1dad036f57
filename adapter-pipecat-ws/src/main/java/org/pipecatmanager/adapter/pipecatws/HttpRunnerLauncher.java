package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerException.Kind;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.wire.RunWire;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Starts and stops pipelines over the runner's HTTP API: {@code POST /run}, {@code POST /stop?id=}, {@code GET
 * /health}, {@code GET /providers}.
 *
 * <p><b>Threads.</b> Any; every call blocks up to its deadline: 2 s to connect, 15 s for a start (a runner answers when
 * the pipeline
 * runs), 5 s for a stop or the providers, 2 s for health.
 *
 * <p><b>Failures.</b> {@link RunnerException} names the runner's address and, bounded, what it said; never what was
 * asked, which
 * holds keys and prompts.
 */
public final class HttpRunnerLauncher implements RunnerLauncher, AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration START = Duration.ofSeconds(15);
    private static final Duration STOP = Duration.ofSeconds(5);
    private static final Duration HEALTH = Duration.ofSeconds(2);
    private static final Duration PROVIDERS = Duration.ofSeconds(5);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    /** It still holds a pipeline of that id. */
    private static final int CONFLICT = 409;
    /** It is full, or about to stop. */
    private static final int UNAVAILABLE = 503;
    /** Characters of the runner's own words that go into a message. */
    private static final int MAX_DETAIL = 300;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final Supplier<Optional<URI>> runner;
    private final Secret runnerToken;
    private final Supplier<URI> advertised;
    /**
     * HTTP/1.1: uvicorn speaks nothing newer, and would warn of the offer. No threads but the client's own: answers are
     * read whole without blocking, and handing each step of that to a pool takes twice the processor time.
     */
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .executor(Runnable::run)
            .connectTimeout(CONNECT)
            .build();

    /**
     * Makes a launcher.
     *
     * @param runner      where the runner is now, empty while there is none (a child that is being started again)
     * @param runnerToken {@code RUNNER_TOKEN}, empty for none
     * @param advertised  {@code http://host:port} under which the runner reaches {@link PipecatWsServer}; asked at each
     *                    start, so that the server may be bound later than the launcher is made
     */
    public HttpRunnerLauncher(Supplier<Optional<URI>> runner, Secret runnerToken, Supplier<URI> advertised) {
        this.runner = runner;
        this.runnerToken = runnerToken;
        this.advertised = advertised;
    }

    @Override
    public void start(RunnerLaunch launch) {
        byte[] body = JSON.writeValueAsBytes(
                RunWire.toMap(launch, addresses(launch.call().id())));
        URI uri = runner().resolve("/run");
        HttpResponse<String> answer = send(request(uri, START)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body))
                .build());
        if (answer.statusCode() != OK) {
            throw refused(uri, answer);
        }
    }

    @Override
    public void stop(PipecatcallId id) {
        URI uri = runner().resolve("/stop?id=" + id);
        HttpResponse<String> answer =
                send(request(uri, STOP).POST(BodyPublishers.noBody()).build());
        if (answer.statusCode() != OK && answer.statusCode() != NOT_FOUND) {
            throw refused(uri, answer);
        }
    }

    @Override
    public Map<String, Object> providers() {
        URI uri = runner().resolve("/providers");
        HttpResponse<String> answer = send(request(uri, PROVIDERS).GET().build());
        if (answer.statusCode() != OK) {
            throw refused(uri, answer);
        }
        try {
            return JSON.readValue(answer.body(), OBJECT);
        } catch (JacksonException e) {
            throw new RunnerException(Kind.REFUSED, "runner " + uri + " answered something that is no JSON object", e);
        }
    }

    @Override
    public boolean isReady() {
        try {
            HttpResponse<String> answer =
                    send(request(runner().resolve("/health"), HEALTH).GET().build());
            return answer.statusCode() == OK && "ok".equals(text(answer.body(), "status"));
        } catch (RunnerException e) {
            return false;
        }
    }

    /** Gives up every call in progress. */
    @Override
    public void close() {
        client.shutdownNow();
    }

    private URI runner() {
        return runner.get()
                .orElseThrow(() -> new RunnerException(
                        Kind.UNREACHABLE,
                        "there is no runner now; it is starting, or see its log for why it ended",
                        null));
    }

    private RunWire.Addresses addresses(PipecatcallId id) {
        String http = advertised.get().resolve("/" + id).toString();
        return new RunWire.Addresses(
                http.replaceFirst("^http", "ws") + "/ws", http + "/tools", http + "/member-switched");
    }

    private HttpRequest.Builder request(URI uri, Duration deadline) {
        var request = HttpRequest.newBuilder(uri).timeout(deadline);
        return runnerToken.isEmpty() ? request : request.header("Authorization", "Bearer " + runnerToken.reveal());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new RunnerException(
                    Kind.UNREACHABLE,
                    "runner " + request.uri() + " did not answer ("
                            + e.getClass().getSimpleName() + "); is python-runner running there?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunnerException(Kind.UNREACHABLE, "waiting for runner " + request.uri() + " was interrupted", e);
        }
    }

    private static RunnerException refused(URI uri, HttpResponse<String> answer) {
        String detail = text(answer.body(), "detail");
        String bounded = detail.length() <= MAX_DETAIL ? detail : detail.substring(0, MAX_DETAIL) + "…";
        String said = bounded.isEmpty() ? "" : ": " + bounded;
        boolean busy = answer.statusCode() == CONFLICT || answer.statusCode() == UNAVAILABLE;
        return new RunnerException(
                busy ? Kind.BUSY : Kind.REFUSED, "runner " + uri + " answered " + answer.statusCode() + said, null);
    }

    /**
     * A string in a JSON object; empty when the text is something else, such as FastAPI's list of schema errors, which
     * quotes input.
     */
    private static String text(@Nullable String json, String key) {
        try {
            JsonNode value = JSON.readTree(json == null ? "" : json).path(key);
            return value.isString() ? value.stringValue() : "";
        } catch (JacksonException e) {
            return "";
        }
    }
}
