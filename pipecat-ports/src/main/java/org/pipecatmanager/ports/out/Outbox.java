package org.pipecatmanager.ports.out;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.pipecatmanager.ports.model.OutboxEntry;

/**
 * Events that wait to leave, in the order in which they have to.
 *
 * <p><b>Threads.</b> One relay at a time.
 *
 * <p><b>Failures.</b> {@link StoreException} when the store is needed and cannot be reached; nothing is lost.
 *
 * <p>Passes {@code OutboxContract}.
 */
public interface Outbox {
    /**
     * The oldest entries, which stay until they are {@link #remove removed}; waits for one at most {@code patience}.
     *
     * <p>Lasting ones come again until they are removed, also after a crash, with the same message id. The others come once
     * or not at all, and never after what followed them in their call.
     */
    List<OutboxEntry> peek(int limit, Duration patience) throws InterruptedException;

    /** These have left. */
    void remove(Collection<OutboxEntry> entries);
}
