package org.pipecatmanager.adapter.audiosocket;

import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection on its way from the listener to its loop.
 *
 * @param agent      agent of the listener, or empty
 * @param turnedAway why it is not let in, or null
 */
record Arrival(
        SocketChannel channel,
        SocketAddress remote,
        String agent,
        @Nullable CloseReason turnedAway) {}
