package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.fake.FakeControl;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.testing.LeakCheck;
import org.pipecatmanager.ports.testing.VirtualClock;

@Tag("it")
class RpcServerIT {
    private static final String SHARED = "bin-manager.pipecat-manager.request";
    private static final String OWN = SHARED + ".10.0.0.7";
    private static final String ID = Calls.id(1).toString();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final FakeControl control = new FakeControl("10.0.0.7");
    private RawCaller caller;

    @BeforeEach
    void open() throws Exception {
        caller = new RawCaller();
        caller.channel().queueDelete(SHARED);
        caller.channel().exchangeDelete("bin-manager.delay");
    }

    @AfterEach
    void close() throws Exception {
        caller.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {SHARED, OWN})
    void every_route_is_answered_on_both_queues(String queue) throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            control.said(new SpokenMessage(Calls.id(1), 1, Speaker.USER, "hello", VirtualClock.START, false));
            var started = caller.ask(queue, "POST", "/v1/pipecatcalls", start(1));
            assertThat(started.path("status_code").asInt()).isEqualTo(200);
            assertThat(started.path("data_type").asString()).isEqualTo("application/json");
            assertThat(started.path("data").path("id").asString()).isEqualTo(ID);
            assertThat(caller.ask(queue, "GET", "/v1/pipecatcalls/" + ID, "")
                            .path("data")
                            .path("status")
                            .asString())
                    .isEqualTo("starting");
            assertThat(caller.ask(queue, "GET", "/v1/pipecatcalls?page_size=1", "")
                            .path("data")
                            .path("result"))
                    .hasSize(1);
            assertThat(caller.ask(
                                    queue,
                                    "POST",
                                    "/v1/messages",
                                    "{\"pipecatcall_id\":\"" + ID + "\",\"message_text\":\"hello\"}")
                            .path("data")
                            .path("text")
                            .asString())
                    .isEqualTo("hello");
            assertThat(caller.ask(queue, "GET", "/v1/pipecatcalls/" + ID + "/messages", "")
                            .path("data")
                            .path("result")
                            .get(0)
                            .path("speaker")
                            .asString())
                    .isEqualTo("user");
            assertThat(caller.ask(queue, "GET", "/v1/pipecatcalls/" + ID + "/turns", "")
                            .path("data")
                            .path("result"))
                    .isEmpty();
            assertThat(caller.ask(queue, "POST", "/v1/pipecatcalls/" + ID + "/stop", "")
                            .path("data")
                            .path("status")
                            .asString())
                    .isEqualTo("ended");
            assertThat(caller.ask(queue, "GET", "/v1/ping", "")
                            .path("data")
                            .path("host_id")
                            .asString())
                    .isEqualTo("10.0.0.7");
            assertThat(daemon.connection().problem()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10, 404, PIPECATCALL_NOT_FOUND",
        "POST, /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/stop, 404, PIPECATCALL_NOT_FOUND",
        "GET, /v1/pipecatcalls/NOT-AN-ID, 404, INVALID_ID",
        "DELETE, /v1/pipecatcalls, 404, METHOD",
        "GET, /v1/nothing, 404, NO_ROUTE",
        "POST, /v1/pipecatcalls, 400, NO_BODY",
        "GET, /v1/pipecatcalls?status=lost, 400, INVALID_FIELD"
    })
    void what_cannot_be_answered_is_refused_with_the_platforms_error(
            String method, String uri, int status, String reason) throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            var answer = caller.ask(SHARED, method, uri, "");
            assertThat(answer.path("status_code").asInt()).isEqualTo(status);
            assertThat(answer.path("data_type").asString()).isEqualTo("voipbin_error");
            assertThat(answer.path("data").path("reason").asString()).isEqualTo(reason);
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void an_answer_is_transient_text_and_carries_the_correlation_id_only_when_the_request_did() throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            caller.send(OWN, RawCaller.request("GET", "/v1/ping", ""), "c-1", Map.of());
            var properties = caller.answer().getProperties();
            assertThat(properties.getCorrelationId()).isEqualTo("c-1");
            assertThat(properties.getContentType()).isEqualTo("text/plain");
            assertThat(properties.getDeliveryMode()).isEqualTo(1);
            caller.send(OWN, "nonsense", null, Map.of());
            assertThat(caller.answer().getProperties().getCorrelationId()).isNull();
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void what_another_daemon_handed_on_stays_here() throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            caller.ask(SHARED, "POST", "/v1/pipecatcalls", start(1));
            var stop = RawCaller.request("POST", "/v1/pipecatcalls/" + ID + "/stop", "");
            caller.send(OWN, stop, null, Map.of(RpcServer.FORWARDED_HEADER, 1));
            caller.answer();
            caller.send(OWN, stop, null, Map.of());
            caller.answer();
            assertThat(control.asked()).containsSubsequence("stop " + ID + " HERE", "stop " + ID + " EVERYWHERE");
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void a_start_brings_the_trace_of_its_header_and_one_that_is_malformed_harms_nobody() throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            var header = Events.TRACE.traceparent();
            for (Object value : List.of(header, header + "?", 7, header.getBytes(StandardCharsets.UTF_8))) {
                var request = RawCaller.request("POST", "/v1/pipecatcalls", start(1));
                caller.send(SHARED, request, null, Map.of("traceparent", value));
                assertThat(RawCaller.json(caller.answer()).path("status_code").asInt())
                        .isEqualTo(200);
            }
            assertThat(control.traces()).containsExactly(Events.TRACE);
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void the_queues_have_the_platforms_flags() throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            // The broker refuses a declaration that differs from what is there.
            caller.channel().queueDeclare(SHARED, true, false, false, null);
            caller.channel().queueDeclare(OWN, false, false, true, Map.of("x-expires", 1_800_000));
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void ping_is_answered_while_hundreds_of_slow_starts_are_in_work() throws Exception {
        var latch = new CountDownLatch(1);
        control.holdStarts(latch);
        try (var daemon = daemon(control, Broker.uri())) {
            for (int n = 1; n <= 300; n++) {
                caller.send(SHARED, RawCaller.request("POST", "/v1/pipecatcalls", start(n)), "start", Map.of());
            }
            Broker.await("300 starts are in work", () -> control.startsHeld() == 300);
            for (var queue : List.of(SHARED, OWN)) {
                caller.send(queue, RawCaller.request("GET", "/v1/ping", ""), "ping", Map.of());
                assertThat(caller.answer().getProperties().getCorrelationId()).isEqualTo("ping");
            }
            latch.countDown();
            var ids = new HashSet<String>();
            for (int n = 1; n <= 300; n++) {
                ids.add(RawCaller.json(caller.answer()).path("data").path("id").asString());
            }
            assertThat(ids).hasSize(300);
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void a_start_a_full_daemon_gets_is_taken_by_another() throws Exception {
        var other = new FakeControl("10.0.0.8");
        control.fail(RequestException.unavailable("MAX_SESSIONS", "full"));
        try (var full = daemon(control, Broker.uri());
                var free = daemon(other, Broker.uri(), "10.0.0.8")) {
            for (int n = 1; n <= 20; n++) {
                var answer = caller.ask(SHARED, "POST", "/v1/pipecatcalls", start(n));
                assertThat(answer.path("data").path("host_id").asString()).isEqualTo("10.0.0.8");
            }
            assertThat(control.asked()).isNotEmpty();
            assertThat(full.connection().isUp() && free.connection().isUp()).isTrue();
        }
    }

    @Test
    void a_start_that_nobody_has_room_for_is_tried_twice_and_refused() throws Exception {
        var other = new FakeControl("10.0.0.8");
        control.fail(RequestException.unavailable("MAX_SESSIONS", "full"));
        other.fail(RequestException.unavailable("STOPPING", "stopping"));
        try (var one = daemon(control, Broker.uri());
                var two = daemon(other, Broker.uri(), "10.0.0.8")) {
            var answer = caller.ask(SHARED, "POST", "/v1/pipecatcalls", start(1));
            assertThat(answer.path("status_code").asInt()).isEqualTo(503);
            assertThat(control.asked().size() + other.asked().size()).isEqualTo(2);
            assertThat(caller.ask(OWN, "POST", "/v1/pipecatcalls", start(1))
                            .path("status_code")
                            .asInt())
                    .isEqualTo(503);
            assertThat(control.asked().size() + other.asked().size()).isEqualTo(3);
            assertThat(one.connection().isUp() && two.connection().isUp()).isTrue();
        }
    }

    @Test
    void a_caller_who_is_gone_or_wants_no_answer_costs_nothing() throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            var ping = RawCaller.request("GET", "/v1/ping", "");
            caller.send(
                    OWN,
                    ping,
                    new BasicProperties.Builder()
                            .replyTo("nobody-has-this-queue")
                            .build());
            caller.send(OWN, ping, new BasicProperties());
            assertThat(caller.ask(OWN, "GET", "/v1/ping", "")
                            .path("status_code")
                            .asInt())
                    .isEqualTo(200);
            Broker.await("every request is acknowledged", () -> messagesOf(OWN) == 0);
            assertThat(daemon.connection().isUp()).isTrue();
        }
    }

    @Test
    void a_request_whose_connection_breaks_is_dealt_with_again() throws Exception {
        var latch = new CountDownLatch(1);
        control.holdStarts(latch);
        try (var proxy = new CuttableProxy(Broker.uri());
                var daemon = daemon(control, proxy.uri())) {
            caller.send(SHARED, RawCaller.request("POST", "/v1/pipecatcalls", start(1)), null, Map.of());
            Broker.await("the start is in work", () -> control.startsHeld() == 1);
            proxy.cut();
            Broker.await("the start is in work again", () -> control.startsHeld() == 2);
            latch.countDown();
            assertThat(RawCaller.json(caller.answer()).path("status_code").asInt())
                    .isEqualTo(200);
            assertThat(daemon.connection().awaitUp(PATIENCE)).isTrue();
        }
    }

    @Test
    void twenty_broken_connections_leave_one_consumer_and_nothing_else() throws Exception {
        try (var proxy = new CuttableProxy(Broker.uri());
                var daemon = daemon(control, proxy.uri())) {
            cutAndAsk(proxy);
            var before = LeakCheck.now();
            for (int n = 2; n <= 20; n++) {
                cutAndAsk(proxy);
            }
            Broker.await("threads and sockets are no more than before", () -> {
                var after = LeakCheck.now();
                return after.threads().size() <= before.threads().size()
                        && after.sockets().size() <= before.sockets().size();
            });
            assertThat(daemon.connection().awaitUp(PATIENCE)).isTrue();
        }
    }

    @Test
    void a_queue_that_somebody_deletes_comes_back() throws Exception {
        try (var daemon = daemon(control, Broker.uri())) {
            caller.channel().queueDelete(SHARED);
            Broker.await("the queue is there again", () -> consumersOf(SHARED) == 1);
            assertThat(caller.ask(SHARED, "GET", "/v1/ping", "")
                            .path("status_code")
                            .asInt())
                    .isEqualTo(200);
            assertThat(daemon.connection().awaitUp(PATIENCE)).isTrue();
        }
    }

    @Test
    void closing_answers_what_is_in_work_and_leaves_the_rest_to_others() throws Exception {
        var latch = new CountDownLatch(1);
        control.holdStarts(latch);
        var daemon = daemon(control, Broker.uri());
        caller.send(SHARED, RawCaller.request("POST", "/v1/pipecatcalls", start(1)), null, Map.of());
        Broker.await("the start is in work", () -> control.startsHeld() == 1);
        var closing = Thread.ofVirtual().start(daemon.server()::close);
        Broker.await("nobody consumes", () -> consumersOf(SHARED) == 0);
        caller.send(SHARED, RawCaller.request("GET", "/v1/ping", ""), null, Map.of());
        latch.countDown();
        assertThat(RawCaller.json(caller.answer()).path("data").path("id").asString())
                .isEqualTo(ID);
        closing.join();
        daemon.close();
        assertThat(messagesOf(SHARED)).isEqualTo(1);
    }

    private void cutAndAsk(CuttableProxy proxy) throws Exception {
        proxy.cut();
        assertThat(caller.ask(SHARED, "GET", "/v1/ping", "").path("status_code").asInt())
                .isEqualTo(200);
        Broker.await("there is one consumer on each queue", () -> consumersOf(SHARED) == 1 && consumersOf(OWN) == 1);
    }

    private record Daemon(AmqpConnection connection, RpcServer server) implements AutoCloseable {
        @Override
        public void close() {
            server.close();
            connection.close();
        }
    }

    private static Daemon daemon(FakeControl control, String url) throws InterruptedException {
        return daemon(control, url, "10.0.0.7");
    }

    private static Daemon daemon(FakeControl control, String url, String hostId) throws InterruptedException {
        var connection = Broker.connection(url);
        var server = RpcServer.create(connection, RpcServerConfig.of(hostId), control, RpcMeter.NONE);
        connection.start();
        assertThat(connection.awaitUp(PATIENCE)).as(connection.problem()).isTrue();
        return new Daemon(connection, server);
    }

    private static String start(int n) {
        return "{\"id\":\"" + Calls.id(n) + "\",\"reference_type\":\"call\"}";
    }

    private int consumersOf(String queue) {
        return look(queue, true);
    }

    private int messagesOf(String queue) {
        return look(queue, false);
    }

    /** On a channel of its own, which the broker closes when there is no such queue. */
    private int look(String queue, boolean consumers) {
        try (var channel = caller.channel().getConnection().createChannel()) {
            var found = channel.queueDeclarePassive(queue);
            return consumers ? found.getConsumerCount() : found.getMessageCount();
        } catch (Exception e) {
            return -1;
        }
    }
}
