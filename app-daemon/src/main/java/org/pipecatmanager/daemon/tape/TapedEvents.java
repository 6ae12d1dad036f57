package org.pipecatmanager.daemon.tape;

import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.out.EventPublisher;

/** Events, taped. */
record TapedEvents(EventPublisher events, Tapes tapes) implements EventPublisher {
    @Override
    public void publish(CallEvent event) {
        boolean first = event.type() == EventType.PIPECATCALL_CREATED;
        Tape tape = first ? tapes.begun(event.id()) : tapes.find(event.id());
        if (tape != null) {
            tape.add(Kind.EVENT, TapeValues.event(event));
        }
        try {
            events.publish(event);
        } finally {
            if (tape != null && event.type() == EventType.PIPECATCALL_TERMINATED) {
                tape.partClosed();
            }
        }
    }
}
