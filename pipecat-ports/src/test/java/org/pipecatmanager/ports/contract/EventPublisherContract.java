package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.wire.CanonicalHash;
import org.pipecatmanager.ports.wire.EventWire;

/** Every {@link EventPublisher} passes this. */
@Timeout(60)
public interface EventPublisherContract {
    /** A publisher whose receiver has received nothing. */
    Harness newHarness();

    /** A publisher and whoever listens at its other end. */
    interface Harness extends AutoCloseable {
        EventPublisher publisher();

        /**
         * Waits until that many events of a call have arrived.
         *
         * @return all that have, in the order of arrival, as the plain maps of {@link EventWire#toMap}
         */
        List<Map<String, @Nullable Object>> received(PipecatcallId id, int count);

        @Override
        void close();
    }

    @Test
    default void events_of_a_call_arrive_in_order() {
        try (var harness = newHarness()) {
            for (long sequence = 1; sequence <= 100; sequence++) {
                harness.publisher().publish(Events.message(1, sequence));
            }
            assertThat(texts(harness.received(Calls.id(1), 100))).isEqualTo(numbersTo(100));
        }
    }

    @Test
    default void events_of_every_type_arrive_as_the_wire_has_them() {
        try (var harness = newHarness()) {
            var sent = new ArrayList<Map<String, @Nullable Object>>();
            for (var type : EventType.values()) {
                var event = Events.ofType(type, 1, sent.size() + 1L);
                sent.add(EventWire.toMap(event));
                harness.publisher().publish(event);
            }
            var received = harness.received(Calls.id(1), sent.size());
            assertThat(received).hasSameSizeAs(sent);
            for (int i = 0; i < sent.size(); i++) {
                assertThat(CanonicalHash.of(received.get(i)))
                        .as("%s, sent as %s", received.get(i), sent.get(i))
                        .isEqualTo(CanonicalHash.of(sent.get(i)));
            }
        }
    }

    @Test
    default void calls_that_publish_at_the_same_time_each_keep_their_order() throws Exception {
        int calls = 4;
        int events = 50;
        try (var harness = newHarness();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var publishing = new ArrayList<Callable<Void>>();
            for (long n = 1; n <= calls; n++) {
                long call = n;
                publishing.add(() -> {
                    for (long sequence = 1; sequence <= events; sequence++) {
                        harness.publisher().publish(Events.message(call, sequence));
                    }
                    return null;
                });
            }
            for (var done : executor.invokeAll(publishing)) {
                done.get();
            }
            for (long n = 1; n <= calls; n++) {
                assertThat(texts(harness.received(Calls.id(n), events)))
                        .as("call %d", n)
                        .isEqualTo(numbersTo(events));
            }
        }
    }

    private static List<String> numbersTo(int last) {
        return LongStream.rangeClosed(1, last).mapToObj(Long::toString).toList();
    }

    private static List<String> texts(List<Map<String, @Nullable Object>> envelopes) {
        return envelopes.stream()
                .map(envelope -> envelope.get("data") instanceof Map<?, ?> data ? String.valueOf(data.get("text")) : "")
                .toList();
    }
}
