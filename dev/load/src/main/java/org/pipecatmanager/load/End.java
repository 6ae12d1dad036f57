package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One socket of a call, as the generator sees it.
 *
 * <p><b>Threads.</b> {@link #send} belongs to the sender, {@link #ready} to the receiver; {@link #close} may come from any.
 */
abstract class End {
    private final SocketChannel channel;
    private final ByteBuffer in;
    private volatile boolean closed;
    private volatile @Nullable String failure;

    /**
     * An end.
     *
     * @param room bytes of the largest message that may come
     */
    End(SocketChannel channel, int room) {
        this.channel = channel;
        in = ByteBuffer.allocateDirect(room);
    }

    final SocketChannel channel() {
        return channel;
    }

    /** What was read and not taken yet, before its position: until {@link #begin}, of whoever opens the connection. */
    final ByteBuffer in() {
        return in;
    }

    /** Receiver, once and first: takes what came while the connection was opened. */
    final void begin() throws IOException {
        if (in.position() > 0) {
            takeAll(System.nanoTime());
        }
    }

    /** Sender: what is due, if anything is. */
    abstract void send(long now) throws IOException;

    /**
     * Receiver: reads one message.
     *
     * @param in from position on, at least one byte; left as it is unless the message is there as a whole
     * @return whether it was
     */
    abstract boolean take(ByteBuffer in, long now) throws IOException;

    /** Receiver: reads whatever came. */
    final void ready() throws IOException {
        int read;
        do {
            read = channel.read(in);
            if (read < 0) {
                close();
                return;
            }
            takeAll(System.nanoTime());
            // A read that did not fill the buffer has emptied the socket.
        } while (!closed && in.position() == 0 && read == in.capacity());
    }

    private void takeAll(long now) throws IOException {
        in.flip();
        boolean whole = true;
        while (whole && in.hasRemaining()) {
            whole = take(in, now);
        }
        if (!in.hasRemaining()) {
            in.clear();
        } else {
            in.compact();
            if (!in.hasRemaining()) {
                throw new IOException("a message is larger than " + in.capacity() + " bytes");
            }
        }
    }

    final void fail(IOException why) {
        if (!closed) {
            failure = String.valueOf(why.getMessage());
        }
        close();
    }

    /** Why it broke, or null. */
    final @Nullable String failure() {
        return failure;
    }

    final boolean isClosed() {
        return closed;
    }

    /** No effect the second time. */
    final void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            failure = "does not close: " + e.getMessage();
        }
    }
}
