package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.pipecatmanager.domain.audio.Call.pcm;

import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One producer against one consumer at full speed with the ring full, so that the producer drops what the consumer is just
 * copying. What is written counts upwards: a torn, repeated or overwritten sample shows.
 */
class PcmRingStressTest {
    private static final long SEED = 20_261_122;
    private static final int MESSAGES = 150_000;
    private static final int LONGEST_READ = 8000;
    private static final long DEADLINE_NANOS = 60_000_000_000L;
    /** A prime: no power of two, as the ring's length is, brings the same value to the same place again. */
    private static final int COUNTS_TO = 32_749;

    private final PcmRing ring = new PcmRing();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private int count;

    private void write(int samples) {
        var message = new short[samples];
        for (int i = 0; i < samples; i++) {
            message[i] = (short) count;
            count = (count + 1) % COUNTS_TO;
        }
        ring.write(pcm(message), 8000);
    }

    private void produce(int oneInterruptionIn) {
        var random = new Random(SEED);
        for (int i = 0; i < MESSAGES; i++) {
            write(random.nextInt(200));
            if (oneInterruptionIn > 0 && random.nextInt(oneInterruptionIn) == 0) {
                ring.interrupt();
                write(PcmRing.CAPACITY_MILLIS * 8);
            }
        }
    }

    @ParameterizedTest(name = "an interruption every {0} messages")
    @ValueSource(ints = {0, 20_000})
    void nothing_is_torn_repeated_or_lost_without_a_count(int oneInterruptionIn) throws InterruptedException {
        write(PcmRing.CAPACITY_MILLIS * 8);
        var producer = new Thread(() -> produce(oneInterruptionIn), "producer");
        producer.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
        producer.start();
        var out = new short[LONGEST_READ];
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        long perSample = WireTime.ticksPerSample(8000);
        long read = 0;
        long flushed = 0;
        boolean over = false;
        while (!over) {
            if (System.nanoTime() > deadline) {
                fail("seed " + SEED + ": the producer did not finish in time");
            }
            // Asked before reading: once it is over, an empty ring stays empty.
            over = !producer.isAlive();
            if (ring.flush()) {
                flushed++;
                over = false;
            }
            int samples = ring.read(out, LONGEST_READ, 8000);
            for (int i = 1; i < samples; i++) {
                if (out[i] != (out[i - 1] + 1) % COUNTS_TO) {
                    fail("seed " + SEED + ": " + out[i] + " after " + out[i - 1] + " at " + i + " of " + samples);
                }
            }
            read += samples;
            over &= samples == 0;
            // Slower than the producer, so that the ring stays full.
            for (int i = 0; i < samples; i++) {
                Thread.onSpinWait();
            }
        }
        producer.join();
        assertThat(failure.get()).isNull();
        assertThat(ring.dropped()).isPositive();
        assertThat(ring.advancePosition()).isEqualTo(ring.received());
        long counted = read * perSample + ring.dropped();
        if (oneInterruptionIn == 0) {
            assertThat(counted).isEqualTo(ring.received());
        } else {
            assertThat(flushed).isPositive();
            assertThat(counted).isLessThanOrEqualTo(ring.received());
        }
    }
}
