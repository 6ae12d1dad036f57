package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.TraceContext;

/** The relay against a real broker. Events of a test are told from others by the ids of its calls. */
@Tag("it")
class EventRelayIT {
    private static final String FINAL = "message_bot_llm";
    private static final String DELTA = "message_bot_llm_intermediate";

    /** One event as a consumer gets it. */
    private record Got(AMQP.BasicProperties properties, String body) {
        String call() {
            return body.substring(0, body.indexOf(' '));
        }

        long sequence() {
            return properties.getHeaders().get("x-pipecat-sequence") instanceof Long number ? number : -1;
        }
    }

    private final ListOutbox outbox = new ListOutbox();
    private final RecordingRpcMeter meter = new RecordingRpcMeter();
    private final List<PipecatcallId> calls = IntStream.range(0, 7)
            .mapToObj(i -> new PipecatcallId(UUID.randomUUID()))
            .toList();
    private final Queue<Got> got = new ConcurrentLinkedQueue<>();
    private final SystemTime time = new SystemTime();
    private final AtomicInteger sequence = new AtomicInteger();
    private CuttableProxy proxy;
    private AmqpConnection connection;
    private EventRelay relay;
    private Connection other;

    @BeforeEach
    void listen() throws Exception {
        other = Broker.connect();
        Channel channel = other.createChannel();
        channel.exchangeDeclare("bin-manager.pipecat-manager.event", BuiltinExchangeType.FANOUT, true, false, Map.of());
        var queue = channel.queueDeclare().getQueue();
        channel.queueBind(queue, "bin-manager.pipecat-manager.event", "");
        channel.basicConsume(
                queue,
                true,
                (tag, delivery) -> {
                    var one = new Got(delivery.getProperties(), new String(delivery.getBody(), StandardCharsets.UTF_8));
                    if (calls.stream().anyMatch(call -> one.body().startsWith(call.toString()))) {
                        got.add(one);
                    }
                },
                tag -> {});
        proxy = new CuttableProxy(Broker.uri());
        connection = Broker.connection(proxy.uri());
        relay = EventRelay.create(connection, outbox, meter, time);
        relay.start();
    }

    @AfterEach
    void stop() throws Exception {
        relay.close();
        connection.close();
        other.close();
        proxy.close();
        time.close();
    }

    @Test
    void an_event_arrives_as_the_platform_has_it_and_leaves_the_outbox() throws Exception {
        var begun = time.now();
        connection.start();
        var lasting = add(calls.getFirst(), FINAL, true, Events.TRACE);
        var passing = add(calls.getFirst(), DELTA, false);
        Broker.await("both events", () -> got.size() == 2 && outbox.size() == 0);
        var first = got.remove();
        assertThat(first.body()).isEqualTo(lasting.body());
        assertThat(first.properties().getMessageId())
                .isEqualTo(lasting.messageId().toString());
        assertThat(first.properties().getContentType()).isEqualTo("text/plain");
        assertThat(first.properties().getDeliveryMode()).isEqualTo(2);
        assertThat(first.properties().getTimestamp().toInstant())
                .isBetween(begun.truncatedTo(ChronoUnit.SECONDS), time.now());
        assertThat(first.properties().getHeaders()).containsEntry("x-pipecat-sequence", 1L);
        assertThat(first.properties().getHeaders().get("traceparent")).hasToString(Events.TRACE.traceparent());
        var second = got.remove();
        assertThat(second.properties().getMessageId())
                .isEqualTo(passing.messageId().toString());
        assertThat(second.properties().getDeliveryMode()).isEqualTo(1);
        assertThat(second.properties().getHeaders()).containsOnly(Map.entry("x-pipecat-sequence", 2L));
        assertThat(meter.published).hasValue(2);
        assertThat(meter.retried).hasValue(0);
    }

    @Test
    void ten_thousand_events_arrive_once_and_in_order() throws Exception {
        connection.start();
        fill(10_000);
        Broker.await("10,000 events", () -> got.size() >= 10_000 && outbox.size() == 0);
        assertThat(got.stream().map(Got::body)).doesNotHaveDuplicates().hasSize(10_000);
        assertInOrderPerCall(10_000);
        assertThat(meter.published).hasValue(10_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {2_000, 30_000, 61_111})
    void a_connection_that_breaks_in_the_middle_loses_nothing_and_keeps_the_order(long bytes) throws Exception {
        connection.start();
        assertThat(connection.awaitUp(Duration.ofSeconds(30))).isTrue();
        proxy.cutAfter(bytes);
        fill(2_000);
        Broker.await("an empty outbox", () -> outbox.size() == 0);
        Broker.await("2,000 events", () -> distinct() == 2_000);
        assertInOrderPerCall(2_000);
        assertThat(proxy.accepted()).isGreaterThan(1);
        assertThat(meter.retried).hasPositiveValue();
        assertThat(meter.published).hasValue(2_000);
    }

    @Test
    void connections_that_break_again_and_again_lose_nothing() throws Exception {
        connection.start();
        assertThat(connection.awaitUp(Duration.ofSeconds(30))).isTrue();
        for (int round = 1; round <= 5; round++) {
            proxy.cutAfter(5_000L * round);
            fill(500);
            int all = 500 * round;
            Broker.await("round " + round, () -> outbox.size() == 0 && distinct() == all);
        }
        assertInOrderPerCall(2_500);
    }

    @Test
    void while_the_broker_is_away_lasting_events_wait_and_deltas_are_dropped() throws Exception {
        connection.start();
        assertThat(connection.awaitUp(Duration.ofSeconds(30))).isTrue();
        proxy.down();
        Broker.await("the break", () -> !connection.isUp());
        for (int i = 0; i < 10; i++) {
            add(calls.getFirst(), FINAL, true);
            add(calls.getFirst(), DELTA, false);
        }
        Broker.await("the deltas' end", () -> meter.dropped.get() == 10);
        assertThat(outbox.size()).isEqualTo(10);
        proxy.up();
        Broker.await("the lasting events", () -> got.size() == 10 && outbox.size() == 0);
        assertThat(got).extracting(Got::sequence).containsExactly(1L, 3L, 5L, 7L, 9L, 11L, 13L, 15L, 17L, 19L);
    }

    @Test
    void a_broker_that_confirms_nothing_is_given_up_on_and_the_events_go_again() throws Exception {
        connection.start();
        assertThat(connection.awaitUp(Duration.ofSeconds(30))).isTrue();
        proxy.mute();
        var entry = add(calls.getFirst(), FINAL, true);
        Broker.await("the event the first time", () -> !got.isEmpty());
        Broker.await("the retry", () -> meter.retried.get() > 0);
        proxy.up();
        Broker.await("the confirmation", () -> outbox.size() == 0);
        Broker.await("the event once more", () -> got.size() > 1);
        assertThat(got)
                .allSatisfy(one -> assertThat(one.properties().getMessageId())
                        .isEqualTo(entry.messageId().toString()));
    }

    @Test
    void a_store_that_is_away_is_waited_for() throws Exception {
        outbox.away(true);
        connection.start();
        Broker.await("two refusals", () -> outbox.refusals.get() >= 2);
        add(calls.getFirst(), FINAL, true);
        outbox.away(false);
        Broker.await("the event", () -> got.size() == 1 && outbox.size() == 0);
    }

    @Test
    void events_of_before_the_first_connection_leave_when_there_is_one() throws Exception {
        fill(300);
        connection.start();
        Broker.await("300 events", () -> got.size() == 300 && outbox.size() == 0);
        assertInOrderPerCall(300);
    }

    @Test
    void an_exchange_that_was_removed_is_declared_again() throws Exception {
        connection.start();
        add(calls.getFirst(), FINAL, true);
        Broker.await("the first event", () -> outbox.size() == 0);
        other.createChannel().exchangeDelete("bin-manager.pipecat-manager.event");
        add(calls.getFirst(), FINAL, true);
        Broker.await("the second event", () -> outbox.size() == 0);
        other.createChannel().exchangeDeclarePassive("bin-manager.pipecat-manager.event");
    }

    @Test
    void closing_sends_what_is_left_and_a_second_close_is_a_no_op() throws Exception {
        connection.start();
        assertThat(connection.awaitUp(Duration.ofSeconds(30))).isTrue();
        fill(2_000);
        relay.close();
        assertThat(outbox.size()).isZero();
        relay.close();
        Broker.await("2,000 events", () -> got.size() == 2_000);
    }

    @Test
    void closing_while_the_broker_is_away_leaves_everything_in_the_outbox() {
        fill(10);
        relay.close();
        assertThat(outbox.size()).isEqualTo(10);
    }

    private OutboxEntry add(PipecatcallId call, String type, boolean lasting) {
        return add(call, type, lasting, null);
    }

    private OutboxEntry add(PipecatcallId call, String type, boolean lasting, @Nullable TraceContext trace) {
        int number = sequence.incrementAndGet();
        var entry = new OutboxEntry(
                UUID.randomUUID(), call, type, number, call + " " + number + " " + "x".repeat(100), lasting, trace);
        outbox.add(entry);
        return entry;
    }

    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            add(calls.get(i % calls.size()), FINAL, true);
        }
    }

    private long distinct() {
        return got.stream()
                .map(one -> one.properties().getMessageId())
                .distinct()
                .count();
    }

    /** What a consumer keeps that drops message ids it knows. */
    private void assertInOrderPerCall(int count) {
        var seen = new LinkedHashSet<String>();
        var last = new HashMap<String, Long>();
        for (var one : got) {
            if (seen.add(one.properties().getMessageId())) {
                var before = last.put(one.call(), one.sequence());
                assertThat(before == null ? 0 : before)
                        .as("before %d of %s", one.sequence(), one.call())
                        .isLessThan(one.sequence());
            }
        }
        assertThat(seen).hasSize(count);
    }
}
