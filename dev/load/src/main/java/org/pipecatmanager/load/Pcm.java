package org.pipecatmanager.load;

import java.nio.ByteBuffer;

/** Samples of 16 bits, little-endian, in a buffer. */
final class Pcm {
    private Pcm() {}

    static short sample(ByteBuffer bytes, int at) {
        return (short) ((bytes.get(at) & 0xff) | (bytes.get(at + 1) << 8));
    }

    /** Appends {@code count} samples of one level. */
    static void fill(ByteBuffer bytes, short level, int count) {
        for (int i = 0; i < count; i++) {
            bytes.put((byte) level).put((byte) (level >> 8));
        }
    }

    /**
     * The mark of a frame of 20 ms.
     *
     * <p>Looks 12 ms into it, where the filter's transition is over; should a frame begin within that transition, at its
     * end.
     */
    static int mark(ByteBuffer bytes, int from, int length) {
        int samples = length / 2;
        int mark = Marks.of(sample(bytes, from + 2 * (samples * 3 / 5)));
        return mark == Marks.UNKNOWN ? Marks.of(sample(bytes, from + 2 * (samples - 1 - samples / 20))) : mark;
    }
}
