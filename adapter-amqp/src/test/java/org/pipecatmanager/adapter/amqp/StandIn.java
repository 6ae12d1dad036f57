package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** A service of the platform on a real queue, that answers as the platform's services do. */
final class StandIn implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    /** What arrived: the message and its envelope. */
    record Request(AMQP.BasicProperties properties, Map<String, Object> envelope) {}

    final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final Channel channel;
    private final String queue;

    /**
     * Begins to serve.
     *
     * @param queue  empty for one of the test's own
     * @param answer the envelope's text for a request's uri, empty for silence
     */
    StandIn(Connection connection, String queue, Function<Request, String> answer) throws IOException {
        this.channel = connection.createChannel();
        // As the platform declares them: with a name and durable. Without one it is the test's own.
        this.queue = queue.isEmpty()
                ? channel.queueDeclare().getQueue()
                : channel.queueDeclare(queue, true, false, false, Map.of()).getQueue();
        channel.queuePurge(this.queue);
        channel.basicConsume(this.queue, true, (tag, delivery) -> serve(delivery, answer), tag -> {});
    }

    private void serve(Delivery delivery, Function<Request, String> answer) throws IOException {
        var request = new Request(
                delivery.getProperties(),
                JSON.readValue(delivery.getBody(), new TypeReference<Map<String, Object>>() {}));
        requests.add(request);
        var text = answer.apply(request);
        if (!text.isEmpty()) {
            reply(delivery.getProperties(), delivery.getProperties().getCorrelationId(), text);
        }
    }

    /** Answers as the platform's library does: default exchange, correlation id copied, nothing else. */
    void reply(AMQP.BasicProperties to, @Nullable String correlationId, String text) throws IOException {
        channel.basicPublish(
                "",
                to.getReplyTo(),
                new AMQP.BasicProperties.Builder()
                        .contentType("text/plain")
                        .correlationId(correlationId)
                        .build(),
                text.getBytes(StandardCharsets.UTF_8));
    }

    String queue() {
        return queue;
    }

    /** An answer with JSON data. */
    static String ok(String data) {
        return "{\"status_code\":200,\"data_type\":\"application/json\",\"data\":" + data + "}";
    }

    @Override
    public void close() throws IOException {
        channel.queueDelete(queue);
        channel.abort();
    }
}
