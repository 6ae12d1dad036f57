package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.function.Predicate;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;

/** Keeps every event. */
public final class RecordingEventPublisher implements EventPublisher {
    private final Recorded<CallEvent> events = new Recorded<>();

    @Override
    public void publish(CallEvent event) {
        events.add(event);
    }

    /** All events in the order of publishing. */
    public List<CallEvent> events() {
        return events.all();
    }

    /** The events of one call. */
    public List<CallEvent> events(PipecatcallId id) {
        return events.all().stream().filter(event -> event.id().equals(id)).toList();
    }

    /** The types of one call's events. */
    public List<EventType> types(PipecatcallId id) {
        return events(id).stream().map(CallEvent::type).toList();
    }

    /** The first event of a type, waited for. */
    public CallEvent await(PipecatcallId id, EventType type) {
        return events.await(event -> event.id().equals(id) && event.type() == type, type + " of " + id);
    }

    /** The first event that matches, waited for. */
    public CallEvent await(Predicate<CallEvent> matches, String what) {
        return events.await(matches, what);
    }

    /** Waits until {@code count} events were published in all. */
    public List<CallEvent> awaitCount(int count) {
        return events.awaitCount(count, "events");
    }
}
