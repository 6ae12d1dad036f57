package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/**
 * The last stage of a socket: says a last thing, closes its sending half and reads to the end, so that the peer gets
 * what was said
 * instead of a reset.
 */
final class LingeringConnection implements LoopConnection {
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer lastWords;
    private final long deadlineNanos;
    private final Runnable onGone;
    private boolean gone;

    private LingeringConnection(
            SocketChannel channel, SelectionKey key, ByteBuffer lastWords, long deadlineNanos, Runnable onGone) {
        this.channel = channel;
        this.key = key;
        this.lastWords = lastWords;
        this.deadlineNanos = deadlineNanos;
        this.onGone = onGone;
    }

    /**
     * Ends a connection; loop thread only.
     *
     * @param lastWords to be sent first, may be empty
     * @param nanos     how long the peer may take
     * @param onGone    runs once, when the socket is closed
     */
    static void end(SelectionKey key, ByteBuffer lastWords, long nanos, Runnable onGone) {
        var ending = new LingeringConnection(
                (SocketChannel) key.channel(), key, lastWords, System.nanoTime() + nanos, onGone);
        key.attach(ending);
        try {
            ending.writable();
        } catch (IOException e) {
            ending.broken();
        }
    }

    @Override
    public void writable() throws IOException {
        channel.write(lastWords);
        if (lastWords.hasRemaining()) {
            key.interestOps(SelectionKey.OP_WRITE);
        } else {
            channel.shutdownOutput();
            key.interestOps(SelectionKey.OP_READ);
        }
    }

    @Override
    public void readable(ByteBuffer scratch) throws IOException {
        if (channel.read(scratch) < 0) {
            broken();
        }
    }

    @Override
    public void tick(long nowNanos) {
        if (nowNanos - deadlineNanos >= 0) {
            broken();
        }
    }

    @Override
    public void broken() {
        if (!gone) {
            gone = true;
            Sockets.close(channel);
            onGone.run();
        }
    }

    @Override
    public void stop() {
        // It is ending already, and its deadline is the server's.
    }
}
