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

/** Asks one daemon over HTTP; it hands on what another one owns. */
final class HttpTarget implements ControlTarget {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final URI server;
    private final Secret token;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    HttpTarget(URI server, Secret token) {
        this.server = server;
        this.token = token;
    }

    @Override
    public JsonNode askOwner(String callId, String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException {
        return ask(method, path, body);
    }

    @Override
    public JsonNode ask(String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException {
        BodyPublisher content =
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .timeout(ANSWER)
                .header("Content-Type", "application/json")
                .method(method, content);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token.reveal());
        }
        HttpResponse<String> answer;
        try {
            answer = client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw ControlFailure.unreached(
                    "the daemon at " + server + " did not answer ("
                            + e.getClass().getSimpleName()
                            + "); is it running, and is --server or PIPECAT_MANAGER_URL its address?",
                    e);
        }
        JsonNode json = parsed(answer);
        if (answer.statusCode() / 100 != 2) {
            throw ControlTarget.refusal(answer.statusCode(), json);
        }
        return json;
    }

    private JsonNode parsed(HttpResponse<String> answer) throws ControlFailure {
        try {
            return JSON.readTree(answer.body());
        } catch (JacksonException e) {
            throw ControlFailure.unreached(
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
