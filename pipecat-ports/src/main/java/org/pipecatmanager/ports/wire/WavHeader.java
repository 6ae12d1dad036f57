package org.pipecatmanager.ports.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The head of a WAV file of 16-bit linear samples: RIFF, one {@code fmt} and one {@code data} chunk. */
public final class WavHeader {
    /** Its length. */
    public static final int BYTES = 44;
    /** The most that may follow it: sizes have 32 bits. */
    public static final long MAX_DATA_BYTES = 0xffff_ffffL - BYTES;

    private static final int FORMAT_BYTES = 16;
    private static final short LINEAR = 1;
    private static final int RIFF_SIZE_AT = 4;
    private static final int DATA_SIZE_AT = 40;
    /** What the first size counts beside the data. */
    private static final int RIFF_OVERHEAD = BYTES - 8;

    private WavHeader() {}

    /**
     * A header.
     *
     * @param dataBytes what follows it, at most {@link #MAX_DATA_BYTES}
     */
    public static byte[] of(int sampleRateHz, int channels, long dataBytes) {
        int frameBytes = channels * Short.BYTES;
        ByteBuffer header = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("RIFF")).putInt(0).put(ascii("WAVE"));
        header.put(ascii("fmt ")).putInt(FORMAT_BYTES).putShort(LINEAR).putShort((short) channels);
        header.putInt(sampleRateHz).putInt(sampleRateHz * frameBytes);
        header.putShort((short) frameBytes).putShort((short) Short.SIZE);
        header.put(ascii("data")).putInt(0);
        return resized(header.array(), dataBytes);
    }

    /** A copy that says how much follows it. */
    public static byte[] resized(byte[] header, long dataBytes) {
        if (dataBytes > MAX_DATA_BYTES) {
            throw new IllegalArgumentException(
                    dataBytes + " bytes of sound in one WAV file; it holds " + MAX_DATA_BYTES + " at most");
        }
        byte[] copy = header.clone();
        ByteBuffer.wrap(copy)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(RIFF_SIZE_AT, (int) (dataBytes + RIFF_OVERHEAD))
                .putInt(DATA_SIZE_AT, (int) dataBytes);
        return copy;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
