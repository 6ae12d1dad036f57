package org.pipecatmanager.ports.fake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.EventPublisherContract;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.wire.EventWire;

class RecordingEventPublisherTest implements EventPublisherContract {
    @Override
    public Harness newHarness() {
        var publisher = new RecordingEventPublisher();
        return new Harness() {
            @Override
            public EventPublisher publisher() {
                return publisher;
            }

            @Override
            public List<Map<String, @Nullable Object>> received(PipecatcallId id, int count) {
                return publisher.events(id).stream().map(EventWire::toMap).toList();
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void an_event_that_comes_later_is_waited_for() throws Exception {
        var publisher = new RecordingEventPublisher();
        var expected = Events.ofType(EventType.PIPECATCALL_TERMINATED, 1, 2);
        var later = Thread.startVirtualThread(() -> {
            publisher.publish(Events.ofType(EventType.PIPECATCALL_TERMINATED, 2, 1));
            publisher.publish(expected);
        });
        assertThat(publisher.await(Calls.id(1), EventType.PIPECATCALL_TERMINATED))
                .isEqualTo(expected);
        later.join();
        assertThat(publisher.types(Calls.id(1))).containsExactly(EventType.PIPECATCALL_TERMINATED);
    }
}
