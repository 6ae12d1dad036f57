package org.pipecatmanager.ports.in;

import java.util.function.Consumer;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.PipecatcallId;

/** The events of one call, as they happen, for server-sent events and embedders. */
public interface EventFeed {
    /**
     * Delivers the events kept after {@code afterSequence}, then new ones, in order, without a gap.
     *
     * <p>{@code listener} is called by the publishing thread, for what is kept by the subscribing one, one call at a time. It
     * must not block; when it throws or is slow, its subscription ends.
     *
     * @param afterSequence sequence of the last event already seen, 0 for none
     */
    Subscription subscribe(PipecatcallId id, long afterSequence, Consumer<CallEvent> listener);

    /** A listener's place in the feed. */
    interface Subscription extends AutoCloseable {
        /** Whether events still come; false after {@link #close()} and when the listener lost its place. */
        boolean isOpen();

        /** Ends it; idempotent. */
        @Override
        void close();
    }
}
