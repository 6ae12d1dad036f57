package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.rabbitmq.client.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

/** The client against a real broker. */
@Tag("it")
class RpcClientIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final RpcCall PING = RpcCall.of("GET", "/v1/ping");

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private CuttableProxy proxy;
    private AmqpConnection connection;
    private RpcClient client;
    private Connection other;

    @BeforeEach
    void connect() throws Exception {
        proxy = new CuttableProxy(Broker.uri());
        connection = Broker.connection(proxy.uri());
        client = RpcClient.create(connection, 600);
        connection.start();
        assertThat(connection.awaitUp(LONG)).as(connection.problem()).isTrue();
        other = Broker.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        connection.close();
        other.close();
        proxy.close();
        threads.close();
    }

    @Test
    void five_hundred_requests_at_once_get_their_own_answers_over_one_reply_queue() throws Exception {
        try (var service = new StandIn(
                other,
                "",
                request -> StandIn.ok("{\"echo\":\"" + request.envelope().get("uri") + "\"}"))) {
            var answers = new ArrayList<CompletableFuture<RpcAnswer>>();
            for (int i = 0; i < 500; i++) {
                var call = RpcCall.of("GET", "/v1/calls/" + i);
                answers.add(CompletableFuture.supplyAsync(() -> client.call(service.queue(), call, LONG), threads));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(answers.get(i).get(60, TimeUnit.SECONDS))
                        .isEqualTo(new RpcAnswer(200, "application/json", Map.of("echo", "/v1/calls/" + i)));
            }
            assertThat(service.requests.stream()
                            .map(request -> request.properties().getReplyTo())
                            .distinct())
                    .hasSize(1);
            assertThat(service.requests.stream()
                            .map(request -> request.properties().getCorrelationId())
                            .distinct())
                    .hasSize(500);
        }
    }

    @Test
    void a_request_looks_on_the_wire_as_the_platform_has_it() throws Exception {
        try (var service = new StandIn(other, "", request -> StandIn.ok("{}"))) {
            client.call(
                    service.queue(),
                    new RpcCall("POST", "/v1/messages", Map.of("a", 1), Map.of("x-pipecat-forwarded", "true")),
                    Duration.ofSeconds(3));
            var request = service.requests.take();
            assertThat(request.envelope().keySet())
                    .containsExactly("uri", "method", "publisher", "data_type", "data", "request_id");
            assertThat(request.envelope())
                    .containsEntry("uri", "/v1/messages")
                    .containsEntry("method", "POST")
                    .containsEntry("publisher", "pipecat-manager")
                    .containsEntry("data_type", "application/json")
                    .containsEntry("data", Map.of("a", 1));
            var properties = request.properties();
            assertThat(UUID.fromString((String) request.envelope().get("request_id")))
                    .hasToString(properties.getCorrelationId());
            assertThat(properties.getContentType()).isEqualTo("text/plain");
            assertThat(properties.getDeliveryMode()).isEqualTo(1);
            assertThat(properties.getExpiration()).isEqualTo("3000");
            assertThat(properties.getReplyTo()).startsWith("amq.gen-");
            assertThat(properties.getHeaders().get("x-pipecat-forwarded")).hasToString("true");
        }
    }

    @Test
    void silence_ends_with_the_deadline_and_an_answer_after_it_is_dropped() throws Exception {
        try (var service = new StandIn(other, "", request -> "")) {
            var failure = catchThrowableOfType(
                    ManagerException.class, () -> client.call(service.queue(), PING, Duration.ofMillis(50)));
            assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(failure)
                    .hasMessage("RPC: GET /v1/ping on " + service.queue()
                            + " was not answered within 50 ms; is the service running, and does it keep up?");
            var late = service.requests.take().properties();
            service.reply(late, late.getCorrelationId(), StandIn.ok("{}"));
            Broker.await("the late answer", () -> client.lateAnswers() == 1);
        }
    }

    @Test
    void an_answer_with_another_correlation_id_is_nobodys() throws Exception {
        try (var service = new StandIn(other, "", request -> "")) {
            var answer = CompletableFuture.supplyAsync(() -> client.call(service.queue(), PING, LONG), threads);
            var request = service.requests.take().properties();
            service.reply(request, UUID.randomUUID().toString(), StandIn.ok("{\"whose\":\"another's\"}"));
            service.reply(request, null, StandIn.ok("{\"whose\":\"nobody's\"}"));
            service.reply(request, request.getCorrelationId(), StandIn.ok("{\"whose\":\"mine\"}"));
            assertThat(answer.get(30, TimeUnit.SECONDS).data()).isEqualTo(Map.of("whose", "mine"));
            assertThat(client.lateAnswers()).isEqualTo(2);
        }
    }

    @Test
    void a_queue_that_is_not_there_fails_at_once() {
        var queue = "no-such-queue-" + UUID.randomUUID();
        var failure = catchThrowableOfType(ManagerException.class, () -> client.call(queue, PING, Duration.ofHours(1)));
        assertThat(failure.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(failure)
                .hasMessage("RPC: GET /v1/ping on " + queue
                        + " could not be delivered: there is no such queue; is the service running?");
    }

    @Test
    void something_that_is_no_answer_is_refused_without_being_repeated() throws Exception {
        try (var service = new StandIn(other, "", request -> "what the caller said")) {
            var failure = catchThrowableOfType(ManagerException.class, () -> client.call(service.queue(), PING, LONG));
            assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
            assertThat(failure)
                    .hasMessageContaining("20 bytes that are no answer")
                    .hasMessageNotContaining("caller said");
        }
    }

    @Test
    void requests_in_flight_fail_at_once_when_the_connection_breaks_and_later_ones_have_a_new_reply_queue()
            throws Exception {
        try (var service = new StandIn(
                other, "", request -> "/v1/ping".equals(request.envelope().get("uri")) ? "" : StandIn.ok("{}"))) {
            var waiting = new ArrayList<CompletableFuture<RpcAnswer>>();
            for (int i = 0; i < 20; i++) {
                waiting.add(CompletableFuture.supplyAsync(
                        () -> client.call(service.queue(), PING, Duration.ofHours(1)), threads));
            }
            var replyQueue = service.requests.take().properties().getReplyTo();
            for (int i = 1; i < 20; i++) {
                service.requests.take();
            }
            proxy.cut();
            for (var one : waiting) {
                assertThatThrownBy(() -> one.get(30, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                ManagerException.class,
                                e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                        .hasMessageEndingWith("is lost: the connection broke");
            }
            Broker.await("the next connection", connection::isUp);
            assertThat(client.call(service.queue(), RpcCall.of("GET", "/v1/tools"), LONG)
                            .isSuccess())
                    .isTrue();
            assertThat(service.requests.take().properties().getReplyTo())
                    .startsWith("amq.gen-")
                    .isNotEqualTo(replyQueue);
        }
    }

    @Test
    void while_the_broker_is_away_nothing_waits() throws Exception {
        proxy.down();
        Broker.await("the break", () -> !connection.isUp());
        Broker.await(
                "a refusal with the reason",
                () -> String.valueOf(catchThrowableOfType(
                                        ManagerException.class, () -> client.call("q", PING, Duration.ofHours(1)))
                                .getMessage())
                        .startsWith("RPC: GET /v1/ping on q was not sent: RabbitMQ at 127.0.0.1:"));
        proxy.up();
        assertThat(connection.awaitUp(LONG)).isTrue();
    }

    @Test
    void no_more_requests_than_the_limit_are_in_flight() throws Exception {
        try (var service = new StandIn(other, "", request -> "")) {
            var waiting = new ArrayList<CompletableFuture<RpcAnswer>>();
            for (int i = 0; i < 600; i++) {
                waiting.add(CompletableFuture.supplyAsync(
                        () -> client.call(service.queue(), PING, Duration.ofHours(1)), threads));
            }
            Broker.await("600 requests", () -> service.requests.size() == 600);
            var refused = catchThrowableOfType(
                    ManagerException.class, () -> client.call(service.queue(), PING, Duration.ofHours(1)));
            assertThat(refused)
                    .hasMessage("RPC: GET /v1/ping on " + service.queue()
                            + " was not sent: 600 requests are in flight, which is the limit");
            for (var request : List.copyOf(service.requests)) {
                service.reply(request.properties(), request.properties().getCorrelationId(), StandIn.ok("{}"));
            }
            for (var one : waiting) {
                assertThat(one.get(30, TimeUnit.SECONDS).isSuccess()).isTrue();
            }
            assertThat(client.lateAnswers()).isZero();
        }
    }

    @Test
    void an_interrupted_thread_stops_waiting_and_stays_interrupted() throws Exception {
        try (var service = new StandIn(other, "", request -> "")) {
            var seen = new CompletableFuture<Boolean>();
            var asking = Thread.ofVirtual().start(() -> {
                try {
                    client.call(service.queue(), PING, Duration.ofHours(1));
                } catch (ManagerException e) {
                    seen.complete(Thread.currentThread().isInterrupted());
                }
            });
            service.requests.take();
            asking.interrupt();
            assertThat(seen.get(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
