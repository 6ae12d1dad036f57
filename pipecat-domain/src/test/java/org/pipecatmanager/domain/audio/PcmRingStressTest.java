package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.pipecatmanager.domain.audio.Call.pcm;

import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One producer and one consumer at full speed, over capacity, with interruptions: what is read counts upwards, so that a
 * torn, repeated or old sample shows.
 */
class PcmRingStressTest {
    private static final long SEED = 20_261_122;
    private static final int MESSAGES = 6000;
    private static final long DEADLINE_NANOS = 60_000_000_000L;

    private final PcmRing ring = new PcmRing();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private void produce() {
        var random = new Random(SEED);
        int count = 0;
        for (int i = 0; i < MESSAGES; i++) {
            var message = new short[random.nextInt(4000)];
            for (int j = 0; j < message.length; j++) {
                message[j] = (short) count++;
            }
            ring.write(pcm(message), 8000);
            if (random.nextInt(50) == 0) {
                ring.interrupt();
            }
        }
    }

    @Test
    void nothing_is_torn_repeated_or_lost_without_a_count() throws InterruptedException {
        var producer = new Thread(this::produce, "producer");
        producer.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        producer.start();
        var out = new short[700];
        var random = new Random(SEED + 1);
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        long perSample = WireTime.ticksPerSample(8000);
        long read = 0;
        boolean over = false;
        while (!over) {
            if (System.nanoTime() > deadline) {
                fail("seed " + SEED + ": the producer did not finish in time");
            }
            // Asked before reading: once it is over, an empty ring stays empty.
            over = !producer.isAlive();
            while (ring.flush()) {
                over = false;
            }
            int count = ring.read(out, 1 + random.nextInt(out.length), 8000);
            read += count;
            long position = ring.advancePosition() / perSample;
            if (count > 0) {
                over = false;
                for (int i = 1; i < count; i++) {
                    assertThat(out[i]).as("seed %d, sample %d", SEED, i).isEqualTo((short) (out[i - 1] + 1));
                }
                // A drop after the read moves the position on, never back.
                assertThat(position).isGreaterThanOrEqualTo(read);
            }
        }
        producer.join();
        assertThat(failure.get()).isNull();
        assertThat(ring.advancePosition()).isEqualTo(ring.received());
        assertThat(read * perSample + ring.dropped()).isLessThanOrEqualTo(ring.received());
        assertThat(ring.dropped() + read).isPositive();
    }

    @Test
    void without_interruptions_what_was_read_and_what_was_dropped_is_all_there_was() throws InterruptedException {
        var producer = new Thread(
                () -> {
                    var message = new short[8000];
                    for (int i = 0; i < 2000; i++) {
                        ring.write(pcm(message), 8000);
                    }
                },
                "producer");
        producer.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        producer.start();
        var out = new short[960];
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        long read = 0;
        boolean over = false;
        while (!over) {
            if (System.nanoTime() > deadline) {
                fail("the producer did not finish in time");
            }
            over = !producer.isAlive();
            int count = ring.read(out, out.length, 8000);
            read += count;
            over &= count == 0;
        }
        producer.join();
        assertThat(failure.get()).isNull();
        assertThat(read * WireTime.ticksPerSample(8000) + ring.dropped()).isEqualTo(ring.received());
        assertThat(ring.dropped()).isPositive();
    }
}
