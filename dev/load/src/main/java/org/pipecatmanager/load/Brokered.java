package org.pipecatmanager.load;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The platform on RabbitMQ: call-manager and ai-manager that let everything through, Asterisk that dials where call-manager
 * is told, and a service that starts and stops calls. Safe for all threads.
 */
final class Brokered implements AutoCloseable {
    private static final String SHARED = "bin-manager.pipecat-manager.request";
    private static final List<String> STOOD_IN_FOR =
            List.of("bin-manager.call-manager.request", "bin-manager.ai-manager.request");
    private static final String JSON_TYPE = "application/json";
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Connection connection;
    private final Channel requests;
    private final Channel answers;
    private final String replies;
    private final Asterisk asterisk;
    private final Map<String, IntConsumer> waiting = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Dials. */
    interface Asterisk {
        /** Connects to the daemon at this address and names the call. */
        void dial(UUID id, InetSocketAddress address) throws IOException;
    }

    /** Connects to the broker at {@code amqp://…}. */
    Brokered(String url, Asterisk asterisk) throws IOException {
        this.asterisk = asterisk;
        try {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(url);
            connection = factory.newConnection("load");
        } catch (URISyntaxException | GeneralSecurityException | TimeoutException e) {
            throw new IOException("RabbitMQ at PIPECAT_AMQP_URL cannot be reached: " + e.getMessage(), e);
        }
        requests = connection.createChannel();
        answers = connection.createChannel();
        Channel consumer = connection.createChannel();
        for (String queue : STOOD_IN_FOR) {
            consumer.queueDeclare(queue, true, false, false, null);
            consumer.basicConsume(queue, true, (tag, delivery) -> threads.execute(() -> answer(delivery)), tag -> {});
        }
        replies = consumer.queueDeclare().getQueue();
        consumer.basicConsume(replies, true, (tag, delivery) -> answered(delivery), tag -> {});
    }

    /**
     * Asks for a call.
     *
     * @param answered is told the status
     */
    void start(UUID id, IntConsumer answered) throws IOException {
        ask(
                "/v1/pipecatcalls",
                Map.of(
                        "id",
                        id,
                        "customer_id",
                        UUID.randomUUID(),
                        "activeflow_id",
                        UUID.randomUUID(),
                        "reference_type",
                        "call",
                        "reference_id",
                        UUID.randomUUID(),
                        "llm_type",
                        "openai.gpt-test",
                        "stt_type",
                        "whisper",
                        "tts_type",
                        "piper"),
                answered);
    }

    /**
     * Asks for its end.
     *
     * @param answered is told the status
     */
    void stop(UUID id, IntConsumer answered) throws IOException {
        ask("/v1/pipecatcalls/" + id + "/stop", Map.of(), answered);
    }

    private void ask(String uri, Map<String, ?> data, IntConsumer answered) throws IOException {
        String correlation = UUID.randomUUID().toString();
        waiting.put(correlation, answered);
        byte[] body = JSON.writeValueAsBytes(
                Map.of("uri", uri, "method", "POST", "publisher", "load", "data_type", JSON_TYPE, "data", data));
        BasicProperties properties = new BasicProperties.Builder()
                .contentType("text/plain")
                .replyTo(replies)
                .correlationId(correlation)
                .build();
        synchronized (requests) {
            requests.basicPublish("", SHARED, properties, body);
        }
    }

    private void answered(Delivery delivery) {
        IntConsumer who = waiting.remove(delivery.getProperties().getCorrelationId());
        if (who != null) {
            who.accept(JSON.readTree(delivery.getBody()).path("status_code").asInt());
        }
    }

    private void answer(Delivery delivery) {
        try {
            JsonNode request = JSON.readTree(delivery.getBody());
            String method = request.path("method").asString();
            String uri = request.path("uri").asString().replaceFirst("\\?.*", "");
            String last = uri.substring(uri.lastIndexOf('/') + 1);
            JsonNode data = request.path("data");
            Map<String, ?> said = switch (method + " " + uri.replaceFirst("^/v1/([^/]*).*", "$1")) {
                case "GET calls" -> Map.of("id", last, "status", "progressing");
                case "POST external-medias" -> connect(data);
                case "DELETE external-medias" -> Map.of("id", last);
                case "GET tools" -> Map.of("tools", List.of());
                default -> Map.of();
            };
            reply(delivery.getProperties(), said);
        } catch (IOException e) {
            System.err.println("a manager's answer failed: " + e.getMessage());
        }
    }

    private Map<String, ?> connect(JsonNode data) throws IOException {
        UUID id = UUID.fromString(data.path("id").asString());
        URI where = URI.create("tcp://" + data.path("external_host").asString());
        asterisk.dial(id, new InetSocketAddress(where.getHost(), where.getPort()));
        return Map.of("id", id, "media_uri", "");
    }

    private void reply(BasicProperties asked, Map<String, ?> data) throws IOException {
        if (asked.getReplyTo() == null) {
            return;
        }
        Map<String, ?> envelope = data.isEmpty()
                ? Map.of("status_code", 404, "data_type", JSON_TYPE)
                : Map.of("status_code", 200, "data_type", JSON_TYPE, "data", data);
        BasicProperties properties = new BasicProperties.Builder()
                .contentType("text/plain")
                .correlationId(asked.getCorrelationId())
                .build();
        synchronized (answers) {
            answers.basicPublish("", asked.getReplyTo(), properties, JSON.writeValueAsBytes(envelope));
        }
    }

    @Override
    public void close() {
        connection.abort();
        threads.shutdownNow();
    }
}
