package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** White noise at a quarter of full scale: the same every time. */
final class Noise {
    private Noise() {}

    static short[] samples(int count) {
        var random = new Random(1);
        short[] samples = new short[count];
        for (int i = 0; i < count; i++) {
            samples[i] = (short) (random.nextInt() >> 18);
        }
        return samples;
    }

    /** The same as on the wire, in a direct buffer. */
    static ByteBuffer bytes(int samples) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(samples * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (short sample : samples(samples)) {
            bytes.putShort(sample);
        }
        return bytes.flip();
    }
}
