package org.pipecatmanager.domain.recording;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TapRingTest {
    private final TapRing ring = new TapRing();
    private final List<String> read = new ArrayList<>();

    private void readAll() {
        ring.read((caller, nanos, hz, samples, length) ->
                read.add(told(caller, nanos, hz, Arrays.copyOf(samples, length))));
    }

    private static String told(boolean caller, long nanos, int hz, short[] samples) {
        return (caller ? "caller " : "heard ") + nanos + " " + hz + " " + Arrays.hashCode(samples) + " "
                + samples.length;
    }

    @Test
    void pieces_of_both_edges_come_out_as_they_went_in_however_often_the_ring_turns() {
        long seed = 5;
        var random = new Random(seed);
        var expected = new ArrayList<String>();
        for (int i = 0; i < 3_000; i++) {
            boolean caller = random.nextBoolean();
            int hz = random.nextBoolean() ? 48_000 : 8_000;
            long nanos = random.nextLong();
            short[] samples = new short[random.nextInt(960)];
            for (int s = 0; s < samples.length; s++) {
                samples[s] = (short) random.nextInt();
            }
            if (caller) {
                ByteBuffer pcm = ByteBuffer.allocate(2 * samples.length + 6)
                        .order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
                pcm.position(6);
                for (short sample : samples) {
                    pcm.putShort(pcm.order() == ByteOrder.BIG_ENDIAN ? Short.reverseBytes(sample) : sample);
                }
                ring.caller(nanos, pcm.position(6), hz);
                assertThat(pcm.position()).isEqualTo(6);
            } else {
                ring.heard(nanos, samples, samples.length, hz, true);
            }
            expected.add(told(caller, nanos, hz, samples));
            if (random.nextInt(20) == 0) {
                readAll();
            }
        }
        readAll();
        assertThat(read).as("seed %d", seed).isEqualTo(expected);
        assertThat(ring.lostMillis()).isZero();
    }

    @Test
    void what_does_not_fit_is_lost_and_counted_and_what_comes_after_it_is_kept() {
        short[] frame = new short[320];
        int frames = 0;
        while (ring.lostMillis() == 0) {
            ring.heard(frames++, frame, 320, 16_000, false);
        }
        assertThat(frames * 20).as("milliseconds of one edge that are kept").isGreaterThan(7_900);
        ring.heard(0, frame, 320, 16_000, false);
        assertThat(ring.lostMillis()).isEqualTo(40);
        readAll();
        assertThat(read).hasSize(frames - 1);
        ring.heard(7, frame, 320, 16_000, false);
        readAll();
        assertThat(read).hasSize(frames);
    }

    @Test
    void writing_allocates_nothing() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        ByteBuffer pcm = ByteBuffer.allocateDirect(640).order(ByteOrder.LITTLE_ENDIAN);
        short[] frame = new short[320];
        TapRing.Reader nobody = (caller, nanos, hz, samples, length) -> {};
        for (int round = 0; round < 2; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 10_000; i++) {
                ring.caller(i, pcm, 16_000);
                ring.heard(i, frame, 320, 16_000, true);
                if (i % 25 == 0) {
                    ring.read(nobody);
                }
            }
            if (round == 1) {
                assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16_000);
            }
        }
    }
}
