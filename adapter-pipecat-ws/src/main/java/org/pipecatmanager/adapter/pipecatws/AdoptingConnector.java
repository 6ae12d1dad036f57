package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;

/**
 * A Jetty connector without a port: it serves sockets that were accepted, and partly read, elsewhere. What was read
 * becomes the
 * start of the connection's request buffer, the way Jetty's own upgrades hand bytes over.
 */
final class AdoptingConnector extends AbstractConnector {
    private final SelectorManager selectors;
    private final Map<SelectableChannel, Runnable> adopted = new ConcurrentHashMap<>();

    AdoptingConnector(Server server, HttpConnectionFactory http) {
        super(server, null, null, null, 0, http);
        selectors = new Selectors();
        installBean(selectors, true);
    }

    /**
     * Takes over a non-blocking socket; any thread.
     *
     * @param received what was read of it
     * @param onGone   runs once, when the socket is closed
     */
    void adopt(SocketChannel channel, ByteBuffer received, Runnable onGone) {
        adopted.put(channel, onGone);
        selectors.accept(channel, received);
    }

    private void gone(SelectableChannel channel) {
        Runnable onGone = adopted.remove(channel);
        if (onGone != null) {
            onGone.run();
        }
    }

    @Override
    public Object getTransport() {
        return selectors;
    }

    @Override
    protected void accept(int acceptorId) {
        throw new IllegalStateException("this connector has no port to accept from");
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        for (SelectableChannel channel : adopted.keySet()) {
            Sockets.close(channel);
            gone(channel);
        }
    }

    private final class Selectors extends SelectorManager {
        Selectors() {
            super(AdoptingConnector.this.getExecutor(), AdoptingConnector.this.getScheduler(), 1);
        }

        @Override
        protected EndPoint newEndPoint(SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
            EndPoint endPoint = new SocketChannelEndPoint((SocketChannel) channel, selector, key, getScheduler());
            endPoint.setIdleTimeout(getIdleTimeout());
            return endPoint;
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object received)
                throws IOException {
            Connection connection = getDefaultConnectionFactory().newConnection(AdoptingConnector.this, endPoint);
            ((Connection.UpgradeTo) connection).onUpgradeTo((ByteBuffer) received);
            return connection;
        }

        @Override
        protected void endPointOpened(EndPoint endPoint) {
            super.endPointOpened(endPoint);
            onEndPointOpened(endPoint);
        }

        @Override
        protected void endPointClosed(EndPoint endPoint) {
            onEndPointClosed(endPoint);
            super.endPointClosed(endPoint);
            gone((SelectableChannel) endPoint.getTransport());
        }

        @Override
        protected void onAcceptFailed(SelectableChannel channel, Throwable cause) {
            super.onAcceptFailed(channel, cause);
            gone(channel);
        }
    }
}
