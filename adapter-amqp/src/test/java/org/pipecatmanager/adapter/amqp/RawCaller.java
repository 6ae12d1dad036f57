package org.pipecatmanager.adapter.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Another service as it is on the wire: a channel, an exclusive queue for answers, and text. For one thread. */
final class RawCaller implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Connection connection;
    private final Channel channel;
    private final String answersTo;
    private final BlockingQueue<Delivery> answers = new LinkedBlockingQueue<>();

    RawCaller() throws Exception {
        connection = Broker.connect();
        channel = connection.createChannel();
        answersTo = channel.queueDeclare("", false, true, true, null).getQueue();
        channel.basicConsume(answersTo, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, BasicProperties properties, byte[] body) {
                answers.add(new Delivery(envelope, properties, body));
            }
        });
    }

    Channel channel() {
        return channel;
    }

    static String request(String method, String uri, String data) {
        return "{\"uri\":\"" + uri + "\",\"method\":\"" + method + "\",\"publisher\":\"ai-manager\",\"data_type\":\""
                + (data.isEmpty() ? "" : "application/json") + "\"" + (data.isEmpty() ? "" : ",\"data\":" + data) + "}";
    }

    /** Sends without waiting. */
    void send(String queue, String body, @Nullable String correlationId, Map<String, Object> headers)
            throws IOException {
        send(
                queue,
                body,
                new BasicProperties.Builder()
                        .contentType("text/plain")
                        .correlationId(correlationId)
                        .headers(headers)
                        .replyTo(answersTo)
                        .build());
    }

    void send(String queue, String body, BasicProperties properties) throws IOException {
        channel.basicPublish("", queue, properties, body.getBytes(UTF_8));
    }

    /** The next answer that comes, whatever it answers. */
    Delivery answer() throws InterruptedException {
        var answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer within " + PATIENCE_SECONDS + " s");
        }
        return answer;
    }

    /** Sends and waits. */
    JsonNode ask(String queue, String method, String uri, String data) throws IOException, InterruptedException {
        send(queue, request(method, uri, data), null, Map.of());
        return json(answer());
    }

    static JsonNode json(Delivery answer) {
        return JsonMapper.shared().readTree(answer.getBody());
    }

    @Override
    public void close() throws IOException, TimeoutException {
        channel.close();
        connection.close();
    }
}
