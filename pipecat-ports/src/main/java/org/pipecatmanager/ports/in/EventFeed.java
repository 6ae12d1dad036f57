package org.pipecatmanager.ports.in;

import java.util.function.Consumer;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.PipecatcallId;

/** The events of one call, as they happen, for server-sent events and embedders. */
public interface EventFeed {
    /**
     * Delivers the events kept after {@code afterSequence}, then new ones, in order, without a gap.
     *
     * <p>{@code listener} is called on the publishing thread and must not block; when it throws, its subscription ends.
     *
     * @param afterSequence sequence of the last event already seen, 0 for none
     */
    Subscription subscribe(PipecatcallId id, long afterSequence, Consumer<CallEvent> listener);

    /** Ends a subscription; idempotent. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
