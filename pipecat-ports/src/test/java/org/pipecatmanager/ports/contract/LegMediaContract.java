package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.fake.RecordingFrameSink;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;

/**
 * Every {@link LegMedia} passes this: the clock of what the caller hears, on virtual time.
 *
 * <p>{@link RecordingFrameSink} fails a test on a frame of the wrong length, a frame after the end and a second end.
 */
@Timeout(60)
public interface LegMediaContract {
    /** Media that were never ticked, with nothing to play. */
    Harness newHarness();

    /** Media and who may end them. */
    interface Harness {
        LegMedia media();

        /** The session wants the leg gone. */
        void end();
    }

    @Test
    default void the_first_tick_writes_one_frame_at_once() {
        var run = new Run(newHarness());
        assertThat(run.tick(run.now)).isEqualTo(1);
    }

    @Test
    default void on_time_every_tick_writes_one_frame_per_20_ms() {
        var run = new Run(newHarness());
        run.tick(run.now);
        for (int i = 1; i <= 500; i++) {
            assertThat(run.tick(run.next)).as("tick %d", i).isEqualTo(1);
            assertThat(run.elapsedMillis()).as("tick %d", i).isEqualTo(20L * i);
        }
    }

    @Test
    default void less_than_60_ms_late_writes_all_that_is_due_and_keeps_the_schedule() {
        for (int lateMillis : new int[] {1, 19, 21, 39, 41, 59}) {
            var run = new Run(newHarness());
            run.tick(run.now);
            run.tick(run.next);
            long due = run.next;

            assertThat(run.tick(due + lateMillis * Run.MILLI))
                    .as("%d ms late", lateMillis)
                    .isEqualTo(1 + lateMillis / 20);
            assertThat(run.next).as("%d ms late", lateMillis).isEqualTo(due + (1 + lateMillis / 20) * Run.FRAME);
        }
    }

    @Test
    default void more_than_60_ms_late_writes_one_frame_and_starts_a_new_schedule() {
        for (int lateMillis : new int[] {61, 79, 100, 1001, 3_600_000}) {
            var run = new Run(newHarness());
            run.tick(run.now);
            run.tick(run.next);
            long late = run.next + lateMillis * Run.MILLI;

            assertThat(run.tick(late)).as("%d ms late", lateMillis).isEqualTo(1);
            for (int i = 1; i <= 5; i++) {
                assertThat(run.next).as("%d ms late", lateMillis).isEqualTo(late + i * Run.FRAME);
                assertThat(run.tick(run.next)).as("%d ms late", lateMillis).isEqualTo(1);
            }
        }
    }

    @Test
    default void whatever_the_lateness_the_caller_is_never_more_than_40_ms_ahead_and_loses_nothing_below_60() {
        long seed = 20260102;
        var random = new Random(seed);
        var run = new Run(newHarness());
        run.tick(run.now);
        for (int i = 0; i < 5000; i++) {
            run.tick(run.next + random.nextLong(59 * Run.MILLI));
            assertThat(run.written * 20L - run.elapsedMillis())
                    .as("seed %d, tick %d", seed, i)
                    .isBetween(0L, 40L);
        }
        for (int i = 0; i < 5000; i++) {
            run.tick(run.next + random.nextLong(200 * Run.MILLI));
            assertThat(run.written * 20L - run.elapsedMillis())
                    .as("seed %d, tick %d", seed, i)
                    .isLessThanOrEqualTo(40);
        }
    }

    @Test
    default void frames_have_the_length_the_leg_asks_for_also_when_it_changes() {
        var run = new Run(newHarness());
        run.tick(run.now);
        for (var format : new AudioFormat[] {
            AudioFormat.SLIN_16K, AudioFormat.SLIN_8K, new AudioFormat(48_000), AudioFormat.SLIN_8K
        }) {
            run.sink.format(format);
            run.sink.clear();
            assertThat(run.tick(run.next)).isEqualTo(1);
            assertThat(run.sink.frames().getFirst()).hasSize(format.samplesPerFrame());
        }
    }

    @Test
    default void the_end_is_told_once_at_the_next_tick_and_nothing_is_written_after_it() {
        var harness = newHarness();
        var run = new Run(harness);
        run.tick(run.now);
        assertThat(run.sink.ended()).isFalse();
        harness.end();
        harness.end();
        assertThat(run.sink.ended()).as("only at the next tick").isFalse();
        run.tick(run.next);
        assertThat(run.sink.ended()).isTrue();
        for (int i = 0; i < 5; i++) {
            assertThat(run.tick(run.next)).isZero();
        }
    }

    @Test
    default void an_end_before_the_first_tick_ends_the_leg_at_the_first_tick() {
        var harness = newHarness();
        var run = new Run(harness);
        harness.end();
        run.tick(run.now);
        assertThat(run.sink.ended()).isTrue();
    }

    @Test
    default void sound_and_keys_of_the_caller_do_not_disturb_the_clock() {
        var run = new Run(newHarness());
        for (int i = 0; i <= 50; i++) {
            run.media.callerAudio(ByteBuffer.allocateDirect(640), AudioFormat.SLIN_16K);
            run.media.callerAudio(ByteBuffer.wrap(new byte[322], 2, 320), AudioFormat.SLIN_8K);
            run.media.callerAudio(ByteBuffer.allocate(0), AudioFormat.SLIN_8K);
            run.media.pressed('#');
            assertThat(run.tick(i == 0 ? run.now : run.next)).isEqualTo(1);
        }
        run.media.closed(LegEnd.HUNG_UP);
    }

    @Test
    default void a_leg_may_be_gone_before_the_first_tick() {
        newHarness().media().closed(LegEnd.HUNG_UP);
    }

    /** One leg on virtual time. */
    final class Run {
        static final long MILLI = 1_000_000;
        static final long FRAME = 20 * MILLI;
        /** The clock runs over while the test runs, as {@link System#nanoTime()} may. */
        static final long START = Long.MAX_VALUE - 30 * MILLI;

        final LegMedia media;
        final RecordingFrameSink sink = new RecordingFrameSink(AudioFormat.SLIN_8K);
        long now = START;
        long next = START;
        long written;

        Run(Harness harness) {
            media = harness.media();
        }

        /** Ticks at a moment and tells how many frames were written. */
        int tick(long nowNanos) {
            int before = sink.frameCount();
            now = nowNanos;
            next = media.tick(nowNanos, sink);
            assertThat(next - nowNanos).as("asks to be called later than now").isPositive();
            int frames = sink.frameCount() - before;
            written += frames;
            return frames;
        }

        long elapsedMillis() {
            return (now - START) / MILLI;
        }
    }
}
