package org.pipecatmanager.adapter.audiosocket;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts who is in and turns away who may not be, before a byte is read. Safe for all threads.
 *
 * <p>A connection counts until it is ended; while it then closes in order it takes no one's place. Those turned away close
 * in order too, as long as not more of them are about than connections may be.
 */
final class Door {
    private final List<AddressRange> allow;
    private final int maxConnections;
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger turnedAway = new AtomicInteger();

    Door(List<AddressRange> allow, int maxConnections) {
        this.allow = allow;
        this.maxConnections = maxConnections;
    }

    /** Lets a connection in, answering null, or says why not. Each null is paid back with {@link #left}. */
    @Nullable
    CloseReason enter(InetAddress remote) {
        if (!isAllowed(remote)) {
            return CloseReason.ADDRESS_NOT_ALLOWED;
        }
        return take(inside) ? null : CloseReason.TOO_MANY_CONNECTIONS;
    }

    void left() {
        inside.decrementAndGet();
    }

    /** Whether one turned away may take its time to close. Each true is paid back with {@link #turnedAwayGone}. */
    boolean mayCloseInOrder() {
        return take(turnedAway);
    }

    void turnedAwayGone() {
        turnedAway.decrementAndGet();
    }

    private boolean take(AtomicInteger places) {
        if (places.incrementAndGet() <= maxConnections) {
            return true;
        }
        places.decrementAndGet();
        return false;
    }

    private boolean isAllowed(InetAddress remote) {
        for (AddressRange range : allow) {
            if (range.contains(remote)) {
                return true;
            }
        }
        return false;
    }
}
