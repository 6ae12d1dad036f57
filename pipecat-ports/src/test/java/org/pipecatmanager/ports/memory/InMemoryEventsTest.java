package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.EventFeedContract;
import org.pipecatmanager.ports.contract.EventPublisherContract;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.testing.VirtualClock;
import org.pipecatmanager.ports.wire.EventWire;

class InMemoryEventsTest implements EventFeedContract, EventPublisherContract {
    private final VirtualClock clock = new VirtualClock();

    @Override
    public Feed newFeed(int eventsPerCall) {
        var events = new InMemoryEvents(eventsPerCall, 10, clock);
        return new Feed(events, events);
    }

    @Override
    public EventPublisherContract.Harness newHarness() {
        var events = new InMemoryEvents(1000, 10, clock);
        return new EventPublisherContract.Harness() {
            @Override
            public EventPublisher publisher() {
                return events;
            }

            @Override
            public List<Map<String, @Nullable Object>> received(PipecatcallId id, int count) {
                var received = new ArrayList<Map<String, @Nullable Object>>();
                events.subscribe(id, 0, event -> received.add(EventWire.toMap(event)))
                        .close();
                return received;
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void only_the_last_events_of_a_call_are_kept() {
        var events = new InMemoryEvents(3, 10, clock);
        for (long sequence = 1; sequence <= 5; sequence++) {
            events.publish(Events.message(1, sequence));
        }
        assertThat(kept(events, 1)).containsExactly(3L, 4L, 5L);
    }

    @Test
    void beyond_the_limit_the_call_that_was_silent_longest_is_forgotten() {
        var events = new InMemoryEvents(3, 2, clock);
        events.publish(Events.message(1, 1));
        events.publish(Events.message(2, 1));
        events.publish(Events.message(1, 2));
        events.publish(Events.message(3, 1));

        assertThat(kept(events, 1)).containsExactly(1L, 2L);
        assertThat(kept(events, 2)).isEmpty();
        assertThat(kept(events, 3)).containsExactly(1L);
    }

    @Test
    void a_call_somebody_listens_to_is_not_forgotten_until_they_leave() {
        var events = new InMemoryEvents(3, 1, clock);
        var heard = new ArrayList<Long>();
        var subscription = events.subscribe(Calls.id(1), 0, event -> heard.add(event.sequence()));
        events.publish(Events.message(1, 1));
        events.publish(Events.message(2, 1));
        events.publish(Events.message(1, 2));
        assertThat(heard).containsExactly(1L, 2L);

        subscription.close();
        events.publish(Events.message(3, 1));
        assertThat(kept(events, 1)).isEmpty();
    }

    @Test
    void listening_to_unknown_calls_does_not_push_out_known_ones() {
        var events = new InMemoryEvents(3, 2, clock);
        events.publish(Events.message(1, 1));
        events.publish(Events.message(2, 1));
        for (long n = 10; n < 20; n++) {
            events.subscribe(Calls.id(n), 0, event -> {}).close();
        }
        assertThat(kept(events, 1)).containsExactly(1L);
        assertThat(kept(events, 2)).containsExactly(1L);
    }

    @Test
    void a_slow_listener_loses_its_subscription_and_a_quick_one_does_not() {
        var events = new InMemoryEvents(3, 2, clock);
        var heard = new ArrayList<Long>();
        var slow = events.subscribe(Calls.id(1), 0, event -> {
            heard.add(event.sequence());
            clock.advance(InMemoryEvents.SLOW.plusNanos(1));
        });
        var quick = events.subscribe(Calls.id(1), 0, event -> clock.advance(Duration.ofMillis(1)));
        events.publish(Events.message(1, 1));
        events.publish(Events.message(1, 2));

        assertThat(slow.isOpen()).isFalse();
        assertThat(quick.isOpen()).isTrue();
        assertThat(heard).containsExactly(1L);
    }

    private static List<Long> kept(InMemoryEvents events, long call) {
        var kept = new ArrayList<Long>();
        events.subscribe(Calls.id(call), 0, event -> kept.add(event.sequence())).close();
        return kept;
    }
}
