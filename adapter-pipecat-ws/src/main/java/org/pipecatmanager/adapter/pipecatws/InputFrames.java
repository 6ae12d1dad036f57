package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;

/**
 * Cuts what a runner sends into WebSocket frames, so that the common ones need no codec: a masked, final, binary frame that
 * has arrived whole is unmasked where it lies and handed on as a message. All other bytes go to Java-WebSocket, in
 * order and untouched: control frames, fragments, frames that arrive in pieces or exceed the buffer, and whatever breaks the
 * protocol. Both ways take turns frame by frame, so neither ever sees half of the other's.
 *
 * <p>Allocates nothing. Belongs to the loop that reads.
 */
final class InputFrames {
    /** A header of RFC 6455 §5.2 with eight bytes of length and four of mask, but for its last byte. */
    static final int MAX_HELD_BYTES = 13;

    private static final int FINAL_BINARY = 0x82;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int CONTROL = 0x08;
    private static final int SHORT_LENGTH = 126;
    private static final int LONG_LENGTH = 127;
    private static final int MASK_BYTES = 4;

    /** Where bytes go. */
    interface Sink {
        /** An unmasked message, in {@code bytes} from {@code from} to {@code to}; nothing is kept of it. */
        void message(byte[] bytes, int from, int to);

        /** Bytes for the codec, from position to limit, all of which it takes. */
        void codec(ByteBuffer in);
    }

    private final Sink sink;
    private final byte[] held = new byte[MAX_HELD_BYTES];
    private int heldBytes;
    /** Bytes of a frame begun that the codec is to get; {@code Long.MAX_VALUE}: all there will be. */
    private long owed;
    /** The codec has a message whose last fragment is to come. */
    private boolean inFragments;

    InputFrames(Sink sink) {
        this.sink = sink;
    }

    /** Puts back what the last {@link #take} could make nothing of; the buffer is then to be filled behind it. */
    ByteBuffer begin(ByteBuffer scratch) {
        return scratch.clear().put(held, 0, heldBytes);
    }

    /**
     * Takes all bytes from position to limit; they are changed by unmasking.
     *
     * @param in on the heap, from the beginning of its array
     */
    void take(ByteBuffer in) {
        if (in.arrayOffset() != 0) {
            throw new IllegalArgumentException("the buffer begins at " + in.arrayOffset() + " of its array, not at 0");
        }
        byte[] bytes = in.array();
        int end = in.limit();
        int at = in.position();
        heldBytes = 0;
        if (owed > 0) {
            at = codec(in, at, end, owed);
        }
        while (at < end) {
            int header = headerBytes(in, at, end);
            if (header > end - at) {
                heldBytes = end - at;
                in.get(at, held, 0, heldBytes);
                return;
            }
            int first = in.get(at) & 0xff;
            long length = length(in, at);
            if (first == FINAL_BINARY
                    && isMasked(in, at)
                    && !inFragments
                    && length >= 0
                    && length <= end - at - header) {
                int from = at + header;
                int to = from + (int) length;
                unmask(in, from, to, in.getInt(from - MASK_BYTES));
                sink.message(bytes, from, to);
                at = to;
            } else {
                if ((first & CONTROL) == 0) {
                    inFragments = (first & FINAL) == 0;
                }
                // A length beyond any sense ends the link; what follows is the codec's to ignore.
                at = codec(in, at, end, length < 0 ? Long.MAX_VALUE : header + length);
            }
        }
    }

    /** Gives the codec up to {@code wanted} bytes and notes how many are missing; answers where they end. */
    private int codec(ByteBuffer in, int at, int end, long wanted) {
        int given = (int) Math.min(wanted, end - at);
        owed = wanted == Long.MAX_VALUE ? wanted : wanted - given;
        sink.codec(in.limit(at + given).position(at));
        in.limit(end);
        return at + given;
    }

    /** How long the header at {@code at} is; more than there is when it is not whole. */
    private static int headerBytes(ByteBuffer in, int at, int end) {
        if (end - at < 2) {
            return Integer.MAX_VALUE;
        }
        int lengthBytes = switch (in.get(at + 1) & 0x7f) {
            case SHORT_LENGTH -> Short.BYTES;
            case LONG_LENGTH -> Long.BYTES;
            default -> 0;
        };
        return 2 + lengthBytes + (isMasked(in, at) ? MASK_BYTES : 0);
    }

    private static boolean isMasked(ByteBuffer in, int at) {
        return (in.get(at + 1) & MASKED) != 0;
    }

    private static long length(ByteBuffer in, int at) {
        int length = in.get(at + 1) & 0x7f;
        return switch (length) {
            case SHORT_LENGTH -> in.getShort(at + 2) & 0xffff;
            case LONG_LENGTH -> in.getLong(at + 2) > Integer.MAX_VALUE ? -1 : in.getLong(at + 2);
            default -> length;
        };
    }

    private static void unmask(ByteBuffer in, int from, int to, int mask) {
        long twice = ((long) mask << Integer.SIZE) | (mask & 0xffff_ffffL);
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            in.putLong(at, in.getLong(at) ^ twice);
        }
        for (int shift = Long.SIZE - Byte.SIZE; at < to; at++, shift -= Byte.SIZE) {
            in.put(at, (byte) (in.get(at) ^ (twice >>> shift)));
        }
    }
}
