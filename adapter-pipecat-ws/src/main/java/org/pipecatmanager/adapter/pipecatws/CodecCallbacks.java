package org.pipecatmanager.adapter.pipecatws;

import java.net.InetSocketAddress;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of Java-WebSocket's listener a link has no use for, because the loop owns the socket. */
abstract class CodecCallbacks extends WebSocketAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(CodecCallbacks.class);

    /** The loop drains after each step. */
    @Override
    public final void onWriteDemand(WebSocket conn) {}

    /** The link's end is told when its socket or its close frame is gone. */
    @Override
    public final void onWebsocketClose(WebSocket ws, int code, String reason, boolean remote) {}

    @Override
    public final void onWebsocketCloseInitiated(WebSocket ws, int code, String reason) {}

    /** Every error the codec tells here is followed by a close with its code. */
    @Override
    public final void onWebsocketError(WebSocket conn, Exception failure) {
        LOG.debug("a WebSocket frame was refused", failure);
    }

    @Override
    public final @Nullable InetSocketAddress getLocalSocketAddress(WebSocket conn) {
        return null;
    }

    @Override
    public final @Nullable InetSocketAddress getRemoteSocketAddress(WebSocket conn) {
        return null;
    }
}
