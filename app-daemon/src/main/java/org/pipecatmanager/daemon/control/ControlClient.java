package org.pipecatmanager.daemon.control;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks one daemon. For one thread. */
final class ControlClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI server;
    private final Secret token;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    ControlClient(URI server, Secret token) {
        this.server = server;
        this.token = token;
    }

    /** The answer to a GET. */
    JsonNode get(String path) throws IOException, InterruptedException {
        return send("GET", path, BodyPublishers.noBody());
    }

    /**
     * The answer to a POST.
     *
     * @param body null for none
     */
    JsonNode post(String path, @Nullable Map<String, ?> body) throws IOException, InterruptedException {
        return send(
                "POST",
                path,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    }

    private JsonNode send(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .method(method, body);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token.reveal());
        }
        HttpResponse<String> answer;
        try {
            answer = client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new IOException(
                    "the daemon at " + server + " did not answer ("
                            + e.getClass().getSimpleName()
                            + "); is it running, and is --server or PIPECAT_MANAGER_URL its address?",
                    e);
        }
        JsonNode json = parsed(answer);
        if (answer.statusCode() / 100 != 2) {
            String message = json.path("message").asString("");
            throw new IOException(answer.statusCode() + " "
                    + json.path("reason").asString("") + ": " + (message.isEmpty() ? "no message" : message));
        }
        return json;
    }

    private JsonNode parsed(HttpResponse<String> answer) throws IOException {
        try {
            return JSON.readTree(answer.body());
        } catch (JacksonException e) {
            throw new IOException(
                    server + " answered " + answer.statusCode()
                            + " with something that is not JSON; is it a pipecat-manager?",
                    e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
