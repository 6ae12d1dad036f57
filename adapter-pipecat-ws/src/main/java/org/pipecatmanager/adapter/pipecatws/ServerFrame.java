package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;

/**
 * WebSocket frames of ours: final, binary, not masked, as RFC 6455 §5.2 has them of a server.
 *
 * <p>An instance is room for a report and 20 ms of audio behind it: {@link #begin}, the frames, {@link #end}. What that returns is valid
 * until the next {@code begin}. It allocates nothing. Not thread safe.
 */
final class ServerFrame {
    private static final byte FINAL_BINARY = (byte) 0x82;
    private static final byte LENGTH_16 = 126;
    private static final byte LENGTH_64 = 127;
    private static final int LONGEST_SHORT = 125;
    private static final int LONGEST_16 = 0xffff;
    /** The longest header: two bytes, and eight of length. */
    private static final int MAX_HEADER_BYTES = 10;
    /** 20 ms at 24 kHz. */
    private static final int MAX_SAMPLES = 480;
    /** What an audio frame has beside its samples, and a byte before it. */
    private static final int AUDIO_OVERHEAD_BYTES = 1 + MAX_HEADER_BYTES + FrameCodec.MAX_AUDIO_OVERHEAD_BYTES;
    /** Digits of the longest number with its sign. */
    private static final int MAX_DIGITS = 20;
    /** Tags and lengths around the JSON of a report. */
    private static final int MAX_MESSAGE_OVERHEAD_BYTES = 8;

    private static final byte[] PLAYOUT = RtviCodec.PLAYOUT.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] POSITION = ascii("\"pos_ms\":");
    private static final byte[] LIMIT = ascii(",\"limit_ms\":");
    private static final byte[] QUEUED = ascii(",\"queued_ms\":");
    private static final byte[] CLOSING = ascii("}}}");
    private static final int FIXED_BYTES =
            PLAYOUT.length + POSITION.length + LIMIT.length + QUEUED.length + CLOSING.length;

    private static final int ROOM_BYTES = MAX_HEADER_BYTES
            + MAX_MESSAGE_OVERHEAD_BYTES
            + FIXED_BYTES
            + 3 * MAX_DIGITS
            + AUDIO_OVERHEAD_BYTES
            + MAX_SAMPLES * Short.BYTES;

    private final ByteBuffer bytes = ByteBuffer.allocate(ROOM_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    /** The same bytes, as samples that begin at an even place. */
    private final ShortBuffer samplesView = bytes.asShortBuffer();

    private int first;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Puts a payload into a frame. */
    static byte[] of(byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(headerBytes(payload.length) + payload.length);
        putHeader(frame, payload.length);
        return frame.put(payload).array();
    }

    /** Whether {@link #audio} has room for so many samples. */
    static boolean holdsAudio(int samples) {
        return samples <= MAX_SAMPLES;
    }

    /** Forgets what was written. */
    ServerFrame begin() {
        bytes.clear();
        first = 0;
        return this;
    }

    /** All frames since {@link #begin}. */
    ByteBuffer end() {
        return bytes.flip().position(first);
    }

    /** A copy of {@link #end}. */
    byte[] toArray() {
        ByteBuffer frames = end();
        byte[] copy = new byte[frames.remaining()];
        frames.get(copy);
        return copy;
    }

    /** Caller audio: the message {@link FrameCodec#encodeAudio} makes. */
    ServerFrame audio(short[] samples, int offset, int length, int sampleRateHz) {
        int payload = FrameCodec.audioBytes(length, sampleRateHz);
        int from = bytes.position() + headerBytes(payload) + FrameCodec.audioHeadBytes(length, sampleRateHz);
        if ((from & 1) != 0) {
            moveByOne();
        }
        putHeader(bytes, payload);
        FrameCodec.putAudioHead(bytes, length, sampleRateHz);
        samplesView.put(bytes.position() / Short.BYTES, samples, offset, length);
        bytes.position(bytes.position() + length * Short.BYTES);
        FrameCodec.putAudioTail(bytes, sampleRateHz);
        return this;
    }

    /** Bare audio: the samples and nothing else. */
    ServerFrame pcm(short[] samples, int offset, int length) {
        int payload = length * Short.BYTES;
        if (((bytes.position() + headerBytes(payload)) & 1) != 0) {
            moveByOne();
        }
        putHeader(bytes, payload);
        samplesView.put(bytes.position() / Short.BYTES, samples, offset, length);
        bytes.position(bytes.position() + payload);
        return this;
    }

    /** Puts the samples that follow at an even place, so that they are copied in one go. */
    private void moveByOne() {
        int length = bytes.position();
        byte[] array = bytes.array();
        System.arraycopy(array, 0, array, 1, length);
        first++;
        bytes.position(length + 1);
    }

    /** A playout report: the message of {@link RtviCodec#encodePlayout}. */
    ServerFrame playout(long positionMillis, long limitMillis, long queuedMillis) {
        int positionDigits = digits(positionMillis);
        int limitDigits = digits(limitMillis);
        int queuedDigits = digits(queuedMillis);
        int json = FIXED_BYTES + positionDigits + limitDigits + queuedDigits;
        putHeader(bytes, FrameCodec.messageBytes(json));
        FrameCodec.putMessageHead(bytes, json);
        bytes.put(PLAYOUT).put(POSITION);
        putDecimal(positionMillis, positionDigits);
        bytes.put(LIMIT);
        putDecimal(limitMillis, limitDigits);
        bytes.put(QUEUED);
        putDecimal(queuedMillis, queuedDigits);
        bytes.put(CLOSING);
        return this;
    }

    private void putDecimal(long value, int digits) {
        int from = bytes.position();
        int to = from + digits;
        long rest = Math.abs(value);
        for (int i = to - 1; i >= from; i--) {
            bytes.put(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
        if (value < 0) {
            bytes.put(from, (byte) '-');
        }
        bytes.position(to);
    }

    private static int digits(long value) {
        int count = value < 0 ? 2 : 1;
        for (long rest = Math.abs(value) / 10; rest > 0; rest /= 10) {
            count++;
        }
        return count;
    }

    private static int headerBytes(int payload) {
        if (payload <= LONGEST_SHORT) {
            return 2;
        }
        return payload <= LONGEST_16 ? 2 + Short.BYTES : MAX_HEADER_BYTES;
    }

    /** Lengths are big-endian on the wire, whatever the order of the buffer. */
    private static void putHeader(ByteBuffer out, int payload) {
        out.put(FINAL_BINARY);
        if (payload <= LONGEST_SHORT) {
            out.put((byte) payload);
        } else if (payload <= LONGEST_16) {
            out.put(LENGTH_16).put((byte) (payload >> Byte.SIZE)).put((byte) payload);
        } else {
            out.put(LENGTH_64);
            for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                out.put((byte) ((long) payload >> shift));
            }
        }
    }
}
