package org.pipecatmanager.adapter.audiosocket;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Plays Asterisk on a real socket; every wait ends after {@value #PATIENCE_MILLIS} ms with a failure. */
final class Peer implements AutoCloseable {
    static final int PATIENCE_MILLIS = 10_000;

    final PipecatcallId id = new PipecatcallId(UUID.randomUUID());
    final Socket socket = new Socket();
    private final DataInputStream in;

    /** A message of the server. */
    static final class Received {
        private final int kind;
        private final byte[] payload;

        Received(int kind, byte[] payload) {
            this.kind = kind;
            this.payload = payload;
        }

        int kind() {
            return kind;
        }

        byte[] payload() {
            return payload;
        }

        boolean isHangUp() {
            return kind == 0 && payload.length == 0;
        }

        /** Number of the frame as {@link FakeMedia} writes it. */
        short mark() {
            return (short) ((payload[0] & 0xff) | (payload[1] << 8));
        }

        @Override
        public String toString() {
            return "0x%02x with %d bytes".formatted(kind, payload.length);
        }
    }

    Peer(InetSocketAddress server) throws IOException {
        this(server, 0);
    }

    /**
     * Connects.
     *
     * @param receiveBufferBytes what the kernel takes for us when we do not read, or 0 for its default
     */
    Peer(InetSocketAddress server, int receiveBufferBytes) throws IOException {
        if (receiveBufferBytes > 0) {
            socket.setReceiveBufferSize(receiveBufferBytes);
        }
        socket.setTcpNoDelay(true);
        socket.connect(server, PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    Peer hello() throws IOException {
        return hello(id);
    }

    Peer hello(PipecatcallId as) throws IOException {
        return send(message(0x01, uuidBytes(as)));
    }

    Peer send(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    static byte[] uuidBytes(PipecatcallId id) {
        return ByteBuffer.allocate(16)
                .putLong(id.value().getMostSignificantBits())
                .putLong(id.value().getLeastSignificantBits())
                .array();
    }

    static byte[] message(int kind, byte... payload) {
        return ByteBuffer.allocate(3 + payload.length)
                .put((byte) kind)
                .putShort((short) payload.length)
                .put(payload)
                .array();
    }

    /** The next whole message. */
    Received receive() throws IOException {
        int kind = in.readUnsignedByte();
        byte[] payload = new byte[in.readUnsignedShort()];
        in.readFully(payload);
        return new Received(kind, payload);
    }

    /** Everything until the server ends the stream between two messages; fails at a reset or in a message. */
    List<Received> receiveToEnd() throws IOException {
        List<Received> all = new ArrayList<>();
        while (true) {
            int kind = in.read();
            if (kind < 0) {
                return all;
            }
            try {
                byte[] payload = new byte[in.readUnsignedShort()];
                in.readFully(payload);
                all.add(new Received(kind, payload));
            } catch (EOFException e) {
                throw new AssertionError("the stream ended within message " + all.size(), e);
            }
        }
    }

    /** Closes, as Asterisk does when the caller hangs up. */
    void leave() throws IOException {
        close();
    }

    /** Closes so that the far end sees a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
