package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A runner's end of a link, frame by frame and without any library, so that it can misbehave. */
final class WireRunner implements AutoCloseable {
    static final int BINARY = 0x82;
    static final int TEXT = 0x81;
    static final int CLOSE = 0x88;
    static final int PING = 0x89;
    static final int PONG = 0x8a;

    final Socket socket;
    private final InputStream in;
    private final String answer;

    /** One received frame. */
    static final class Received {
        private final int opcode;
        private final byte[] payload;

        private Received(int opcode, byte[] payload) {
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

        int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    WireRunner(Socket socket, String upgrade) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.ISO_8859_1));
        answer = head();
        String status = answer.lines().findFirst().orElse("");
        if (!status.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("the upgrade was answered " + status);
        }
    }

    /** The answer to the upgrade. */
    String answer() {
        return answer;
    }

    private String head() throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int read = in.read();
            if (read < 0) {
                throw new IOException("closed within the answer to the upgrade: " + head);
            }
            head.append((char) read);
        }
        return head.toString();
    }

    void send(int opcode, byte[] payload) throws IOException {
        socket.getOutputStream().write(frame(opcode, payload));
    }

    /** A masked frame; the mask is zero, so that the payload is readable in a dump. */
    static byte[] frame(int opcode, byte[] payload) {
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

    Received receive() throws IOException {
        int opcode = byteOrEnd();
        int length = byteOrEnd();
        if (length == 126) {
            length = (byteOrEnd() << 8) | byteOrEnd();
        } else if (length == 127) {
            length = (int) ByteBuffer.wrap(in.readNBytes(8)).getLong();
        }
        return new Received(opcode, in.readNBytes(length));
    }

    private int byteOrEnd() throws IOException {
        int read = in.read();
        if (read < 0) {
            throw new IOException("the connection ended");
        }
        return read;
    }

    /** The close frame, skipping what came before it. */
    Received receiveClose() throws IOException {
        while (true) {
            Received received = receive();
            if (received.opcode() == CLOSE) {
                return received;
            }
        }
    }

    /** Whether the far end has closed in order. */
    boolean atEnd() throws IOException {
        return in.read() < 0;
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
