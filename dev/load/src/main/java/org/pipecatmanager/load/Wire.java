package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Frames made once for every mark, so that sending one is a write and nothing else. */
final class Wire {
    static final int CALLER_HZ = 8_000;
    static final int RUNNER_HZ = 16_000;
    static final int CALLER_SAMPLES = CALLER_HZ / 50;
    static final int RUNNER_SAMPLES = RUNNER_HZ / 50;

    /** Any key that is not zero: the daemon has to unmask. */
    private static final byte[] MASK = {0x5a, (byte) 0xc3, 0x3c, (byte) 0xa5};

    private static final int BINARY = 2;
    private static final Map<Integer, ByteBuffer[]> PLAIN = new ConcurrentHashMap<>();
    private static final Map<Integer, ByteBuffer[]> WEB_SOCKET = new ConcurrentHashMap<>();

    private Wire() {}

    /** How the runner's chunks are written. */
    interface Chunks {
        Chunks PLAIN = Wire::plain;
        Chunks WEB_SOCKET = Wire::webSocket;

        /** One for each mark it begins with, {@code frames} of 20 ms in it; made once. */
        ByteBuffer[] of(int frames);
    }

    /** An AudioSocket message for each mark: kind 0x10, 320 bytes. */
    static ByteBuffer[] audioSocket() {
        ByteBuffer[] frames = new ByteBuffer[Marks.COUNT];
        for (int mark = 0; mark < frames.length; mark++) {
            ByteBuffer frame = ByteBuffer.allocateDirect(3 + 2 * CALLER_SAMPLES);
            frame.put((byte) 0x10).putShort((short) (2 * CALLER_SAMPLES));
            Pcm.fill(frame, Marks.level(mark), CALLER_SAMPLES);
            frames[mark] = frame.flip();
        }
        return frames;
    }

    /** What the bare relay takes from the runner: two bytes of length, then 16 kHz; {@code frames} of them in one. */
    static ByteBuffer[] plain(int frames) {
        return PLAIN.computeIfAbsent(frames, Wire::makePlain);
    }

    private static ByteBuffer[] makePlain(int frames) {
        ByteBuffer[] chunks = new ByteBuffer[Marks.COUNT];
        for (int mark = 0; mark < chunks.length; mark++) {
            ByteBuffer chunk = ByteBuffer.allocateDirect(frames * (2 + 2 * RUNNER_SAMPLES));
            for (int i = 0; i < frames; i++) {
                chunk.putShort((short) (2 * RUNNER_SAMPLES));
                Pcm.fill(chunk, Marks.level((mark + i) % Marks.COUNT), RUNNER_SAMPLES);
            }
            chunks[mark] = chunk.flip();
        }
        return chunks;
    }

    /** A masked binary message with {@code frames} frames of 20 ms in one audio frame, for each mark it begins with. */
    static ByteBuffer[] webSocket(int frames) {
        return WEB_SOCKET.computeIfAbsent(frames, Wire::makeWebSocket);
    }

    private static ByteBuffer[] makeWebSocket(int frames) {
        ByteBuffer[] chunks = new ByteBuffer[Marks.COUNT];
        for (int mark = 0; mark < chunks.length; mark++) {
            ByteBuffer pcm = ByteBuffer.allocate(frames * 2 * RUNNER_SAMPLES);
            for (int i = 0; i < frames; i++) {
                Pcm.fill(pcm, Marks.level((mark + i) % Marks.COUNT), RUNNER_SAMPLES);
            }
            chunks[mark] = masked(BINARY, audioFrame(pcm.array()));
        }
        return chunks;
    }

    /** A pipecat frame of audio at 16 kHz, mono: fields 3, 4 and 5 of field 2. */
    static byte[] audioFrame(byte[] pcm) {
        ByteBuffer audio = ByteBuffer.allocate(pcm.length + 16);
        audio.put((byte) 0x1a);
        varint(audio, pcm.length);
        audio.put(pcm).put((byte) 0x20);
        varint(audio, RUNNER_HZ);
        audio.put((byte) 0x28).put((byte) 1).flip();
        ByteBuffer frame = ByteBuffer.allocate(audio.remaining() + 8).put((byte) 0x12);
        varint(frame, audio.remaining());
        return bytes(frame.put(audio).flip());
    }

    /** A client's frame, masked as the protocol wants. */
    static ByteBuffer masked(int opcode, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocateDirect(payload.length + 14).put((byte) (0x80 | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else if (payload.length < 65_536) {
            frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(payload.length);
        }
        frame.put(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ MASK[i & 3]));
        }
        return frame.flip();
    }

    private static void varint(ByteBuffer out, int value) {
        int rest = value;
        for (; rest > 0x7f; rest >>>= 7) {
            out.put((byte) ((rest & 0x7f) | 0x80));
        }
        out.put((byte) rest);
    }

    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /**
     * Writes all of a frame at once.
     *
     * @throws IOException also when the socket is full: whoever does not read for so long has failed
     */
    static void write(SocketChannel channel, ByteBuffer frame) throws IOException {
        frame.rewind();
        int wanted = frame.remaining();
        int written = channel.write(frame);
        if (written != wanted) {
            throw new IOException("the socket is full: " + written + " of " + wanted + " bytes were taken; "
                    + channel.getRemoteAddress() + " does not read");
        }
    }
}
