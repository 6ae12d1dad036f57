package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.StoreException;

class EventFanOutTest {
    private final List<String> order = new ArrayList<>();

    @Test
    void an_event_is_kept_before_it_is_heard() {
        new EventFanOut(event -> order.add("kept"), event -> order.add("heard")).publish(event());
        assertThat(order).containsExactly("kept", "heard");
    }

    @Test
    void an_event_that_cannot_be_kept_is_heard_and_the_call_learns_of_it() {
        EventFanOut fanOut = new EventFanOut(
                event -> {
                    throw new StoreException("full", null);
                },
                event -> order.add("heard"));
        assertThatThrownBy(() -> fanOut.publish(event())).isInstanceOf(StoreException.class);
        assertThat(order).containsExactly("heard");
    }

    private static CallEvent event() {
        PipecatcallId id = new PipecatcallId(new UUID(1, 1));
        Instant now = Instant.EPOCH;
        return new CallEvent(
                id,
                1,
                EventType.PIPECATCALL_CREATED,
                now,
                Pipecatcall.accepted(StartCommand.ofAgent(id, "echo"), "local", now),
                null);
    }
}
