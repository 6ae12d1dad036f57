package org.pipecatmanager.daemon.wiring;

import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.out.EventPublisher;

/**
 * Every event to those who keep it for the broker, and to those who listen here. The latter hear of it even when it cannot be
 * kept: then the call ends, and they hear of that.
 */
record EventFanOut(EventPublisher kept, EventPublisher heard) implements EventPublisher {
    @Override
    public void publish(CallEvent event) {
        try {
            kept.publish(event);
        } finally {
            heard.publish(event);
        }
    }
}
