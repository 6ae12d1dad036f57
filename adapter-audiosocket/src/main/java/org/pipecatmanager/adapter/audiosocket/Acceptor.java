package org.pipecatmanager.adapter.audiosocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listening socket: takes connections, sends them through the door and hands them to a loop. Belongs to one loop thread. */
final class Acceptor extends DeadlineHeap.Waiting {
    /** Kept small, so that what a far end does not take waits with us, where the oldest is dropped, and not in the kernel. */
    private static final int SEND_BUFFER_BYTES = 32 * 1024;
    /** Connections taken before the loop looks at its legs again. */
    private static final int AT_ONCE = 16;
    /** How long not to accept after it failed, as it does when the process may open no more files. */
    private static final long PAUSE_NANOS = 100_000_000;
    /** Of those turned away one in this time is told in the log; all are counted. */
    private static final long QUIET_NANOS = 10_000_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);

    private final AudioLoop loop;
    private final ServerSocketChannel listener;
    private final SelectionKey key;
    private final String agent;
    private final Consumer<Arrival> takers;
    private long quietUntilNanos;

    Acceptor(AudioLoop loop, SelectionKey key, ServerSocketChannel listener, String agent, Consumer<Arrival> takers) {
        this.loop = loop;
        this.key = key;
        this.listener = listener;
        this.agent = agent;
        this.takers = takers;
        this.quietUntilNanos = loop.setup().time().nanoTime();
    }

    void ready(long nowNanos) {
        for (int i = 0; i < AT_ONCE; i++) {
            SocketChannel channel;
            try {
                channel = listener.accept();
            } catch (IOException e) {
                LOG.error("cannot accept audio connections on {}; trying again", listener, e);
                key.interestOps(0);
                loop.deadlines().schedule(this, nowNanos + PAUSE_NANOS);
                return;
            }
            if (channel == null) {
                return;
            }
            arrived(channel, nowNanos);
        }
    }

    @Override
    void due(long nowNanos) {
        if (key.isValid()) {
            key.interestOps(SelectionKey.OP_ACCEPT);
        }
    }

    private void arrived(SocketChannel channel, long nowNanos) {
        Setup setup = loop.setup();
        setup.meter().opened();
        InetSocketAddress remote;
        try {
            remote = (InetSocketAddress) channel.getRemoteAddress();
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
        } catch (IOException e) {
            discard(channel, CloseReason.NO_ID);
            return;
        }
        CloseReason refusal = setup.door().enter(remote.getAddress());
        if (refusal != null) {
            tell(refusal, remote, nowNanos);
            if (!setup.door().mayCloseInOrder()) {
                discard(channel, refusal);
                return;
            }
        }
        takers.accept(new Arrival(channel, remote, agent, refusal));
    }

    private void tell(@Nullable CloseReason refusal, InetSocketAddress remote, long nowNanos) {
        if (nowNanos - quietUntilNanos < 0) {
            return;
        }
        quietUntilNanos = nowNanos + QUIET_NANOS;
        if (refusal == CloseReason.ADDRESS_NOT_ALLOWED) {
            LOG.warn(
                    "audio connection from {} turned away: it is outside AUDIOSOCKET_ALLOW {}; add its range there if it is"
                            + " your Asterisk",
                    remote,
                    loop.setup().config().allow());
        } else {
            LOG.warn(
                    "audio connection from {} turned away: {} are open, as many as AUDIOSOCKET_MAX_CONNECTIONS allows",
                    remote,
                    loop.setup().config().maxConnections());
        }
    }

    private void discard(SocketChannel channel, CloseReason reason) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing {} failed", channel, e);
        }
        loop.setup().meter().closed(reason.label());
    }

    /** Stops listening. */
    void close() {
        loop.deadlines().remove(this);
        try {
            listener.close();
        } catch (IOException e) {
            LOG.warn("closing the listener {} failed", listener, e);
        }
    }
}
