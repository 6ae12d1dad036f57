package org.pipecatmanager.adapter.audiosocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the only two messages Asterisk takes from a server: audio and hangup. Header and payload stand in one buffer, so
 * that one write carries both: a hole of 5 ms inside a message ends the call there.
 */
final class AudioSocketEncoder {
    /** The largest frame, 20 ms at 192 kHz with its header. */
    static final int MAX_FRAME_BYTES = 3 + 2 * AudioKind.SLIN_192K.format().samplesPerFrame();

    private AudioSocketEncoder() {}

    /**
     * Appends an audio message.
     *
     * @param out     room for three bytes and the samples, little-endian
     * @param samples 1 to 32767 of them from {@code offset}
     */
    static void audio(ByteBuffer out, AudioKind kind, short[] samples, int offset, int length) {
        if (out.order() != ByteOrder.LITTLE_ENDIAN) {
            throw new IllegalArgumentException("the buffer is big-endian; samples are little-endian on the wire");
        }
        int bytes = 2 * length;
        out.put((byte) kind.code()).put((byte) (bytes >> 8)).put((byte) bytes);
        for (int i = offset; i < offset + length; i++) {
            out.putShort(samples[i]);
        }
    }

    /** Appends the hangup message. */
    static void hangUp(ByteBuffer out) {
        out.put((byte) AudioSocketDecoder.KIND_HANG_UP).put((byte) 0).put((byte) 0);
    }
}
