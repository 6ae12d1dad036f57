package org.pipecatmanager.daemon;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A runner's end of a link, frame by frame and without any library, so that it can misbehave. Safe for one reader and many
 * senders; a read that takes longer than {@value #PATIENCE_MILLIS} ms fails.
 */
final class RunnerSocket implements AutoCloseable {
    static final int PATIENCE_MILLIS = 30_000;
    static final int TEXT = 0x81;
    static final int BINARY = 0x82;
    static final int CLOSE = 0x88;
    static final int PING = 0x89;
    static final int PONG = 0x8a;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final ReentrantLock sending = new ReentrantLock();

    /** One received frame. */
    static final class Frame {
        private final int opcode;
        private final byte[] payload;

        private Frame(int opcode, byte[] payload) {
            this.opcode = opcode;
            this.payload = payload;
        }

        /** First byte of the frame, with its final bit. */
        int opcode() {
            return opcode;
        }

        byte[] payload() {
            return payload;
        }

        /** The close code of a close frame; 1005 when it has none. */
        int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    /**
     * Connects and upgrades.
     *
     * @throws IOException the daemon cannot be reached, or answered something else than 101; the message says what
     */
    RunnerSocket(URI url, String token) throws IOException {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        write(upgrade(url, token).getBytes(StandardCharsets.ISO_8859_1));
        String status = head().lines().findFirst().orElse("");
        if (!status.startsWith("HTTP/1.1 101 ")) {
            socket.close();
            throw new IOException("the upgrade was answered " + status);
        }
    }

    /** The head of a request for a link. */
    static String upgrade(URI url, String token) {
        return "GET " + url.getRawPath() + " HTTP/1.1\r\nHost: " + url.getAuthority()
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer " + token + "\r\n\r\n";
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            if (read < 0) {
                throw new EOFException("closed within the answer to the upgrade: " + head);
            }
            head.append((char) read);
        }
        return head.toString();
    }

    void send(int opcode, byte... payload) throws IOException {
        write(frame(opcode, payload));
    }

    /** Any bytes, a frame or not. */
    void write(byte... bytes) throws IOException {
        sending.lock();
        try {
            socket.getOutputStream().write(bytes);
        } finally {
            sending.unlock();
        }
    }

    /** A masked frame; the mask is zero, so that the payload is readable in a dump. */
    static byte[] frame(int opcode, byte... payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14).put((byte) opcode);
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65_536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.putInt(0).put(payload).flip();
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        return bytes;
    }

    /** The next frame. */
    Frame receive() throws IOException {
        int opcode = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = (int) in.readLong();
        }
        byte[] payload = new byte[length];
        in.readFully(payload);
        return new Frame(opcode, payload);
    }

    /** The code of the close frame, skipping what came before it; 1006 when the connection ended without one. */
    int receiveCloseCode() throws IOException {
        try {
            Frame frame = receive();
            while (frame.opcode() != CLOSE) {
                frame = receive();
            }
            return frame.closeCode();
        } catch (EOFException e) {
            return 1006;
        }
    }

    /** Says goodbye with a close code; the reader closes the socket when the daemon has answered. */
    void closeWith(int code) throws IOException {
        send(CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
    }

    /** Ends with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
