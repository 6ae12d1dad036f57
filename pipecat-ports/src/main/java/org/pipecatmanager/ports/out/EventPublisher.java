package org.pipecatmanager.ports.out;

import org.pipecatmanager.ports.model.CallEvent;

/**
 * Tells the world what happens in calls.
 *
 * <p><b>Threads.</b> Calls for one session come one at a time and in order; different sessions concurrently. May block
 * briefly.
 *
 * <p><b>Order.</b> Events of one session leave in the order of their sequence.
 *
 * <p>Passes {@code EventPublisherContract}.
 */
public interface EventPublisher {
    /**
     * Publishes; a failure to deliver is the implementation's to retry, count and report, not the caller's.
     *
     * @throws StoreException the event cannot be kept: the places where it would wait are full, or closed
     */
    void publish(CallEvent event);
}
