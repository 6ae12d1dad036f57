package org.pipecatmanager.daemon.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Questions over HTTP, for one thread. */
final class Http implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    /** The first question for providers makes a runner import them all. */
    private static final Duration ANSWER = Duration.ofSeconds(20);
    /** Half of what a date in whole seconds leaves open. */
    private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();

    /**
     * What came back.
     *
     * @param status of HTTP; 0 when nobody answered
     * @param text   the body, or why nobody answered
     * @param ahead  how much the clock there is ahead of ours, to the second; null where it does not tell
     */
    record Answer(int status, String text, @Nullable Duration ahead) {
        boolean isOk() {
            return status == 200;
        }

        Optional<Duration> clockAhead() {
            return Optional.ofNullable(ahead);
        }

        /** The body; a missing node when it is no JSON. */
        JsonNode json() {
            try {
                return JsonMapper.shared().readTree(text);
            } catch (JacksonException e) {
                return MissingNode.getInstance();
            }
        }
    }

    Answer get(URI uri, Secret token) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER);
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token.reveal());
        }
        Instant before = Instant.now();
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body(), ahead(answer, before));
        } catch (IOException e) {
            String message = e.getMessage();
            return new Answer(0, e.getClass().getSimpleName() + (message == null ? "" : ": " + message), null);
        }
    }

    private static @Nullable Duration ahead(HttpResponse<?> answer, Instant before) {
        try {
            Instant middle = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
            return answer.headers()
                    .firstValue("Date")
                    .map(date -> ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()
                            .plus(HALF_A_SECOND))
                    .map(theirs -> Duration.between(middle, theirs))
                    .orElse(null);
        } catch (DateTimeException e) {
            return null;
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
