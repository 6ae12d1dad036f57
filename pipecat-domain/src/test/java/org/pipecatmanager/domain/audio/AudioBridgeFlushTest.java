package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Flushed;
import org.pipecatmanager.ports.model.AudioFormat;

class AudioBridgeFlushTest {
    private static final short OLD = 1000;
    private static final short NEW = -1000;

    private final Call call = Call.attached();

    @Test
    void the_next_frame_after_an_interruption_takes_nothing_old() {
        call.says(OLD, 400).ticks(5);
        call.bridge.runnerInterrupted();
        call.says(NEW, 100).ticks(2);
        assertThat(call.middleSamples()).containsExactly(1000, 1000, 1000, 1000, 1000, -1000, -1000);
        assertThat(call.link.received(Flushed.class)).containsExactly(new Flushed(100, 300, 800));
        assertThat(call.heard).containsExactly("audible 0", "flushed 100 300 true", "silent 100", "audible 100");
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(440);
    }

    @Test
    void it_is_answered_also_when_nothing_was_there() {
        call.ticks(1);
        call.bridge.runnerInterrupted();
        call.ticks(1);
        assertThat(call.link.received(Flushed.class)).containsExactly(new Flushed(0, 0, 400));
        assertThat(call.heard).containsExactly("flushed 0 0 false");
    }

    @Test
    void each_of_several_is_answered_with_its_own_position() {
        call.says(OLD, 60).ticks(1);
        call.bridge.runnerInterrupted();
        call.says(OLD, 30);
        call.bridge.runnerInterrupted();
        call.bridge.runnerInterrupted();
        call.ticks(1);
        assertThat(call.link.received(Flushed.class))
                .containsExactly(new Flushed(20, 40, 460), new Flushed(60, 30, 490), new Flushed(90, 0, 490));
        assertThat(call.heard)
                .containsExactly(
                        "audible 0", "flushed 20 40 true", "silent 20", "flushed 60 30 false", "flushed 90 0 false");
        assertThat(call.middleSamples()).containsExactly(1000, 0);
    }

    @Test
    void it_takes_effect_at_a_tick_at_which_no_frame_is_due() {
        call.says(OLD, 100).ticks(1);
        call.bridge.runnerInterrupted();
        assertThat(call.late(-10)).isZero();
        assertThat(call.heard).contains("flushed 20 80 true", "silent 10");
        assertThat(call.nextMillis()).isEqualTo(20);
    }

    @Test
    void before_the_leg_it_waits_and_drops_what_came_before_it() {
        call.says(OLD, 60);
        call.bridge.runnerInterrupted();
        call.says(NEW, 20).ticks(1);
        assertThat(call.middleSamples()).containsExactly(-1000);
        assertThat(call.link.received(Flushed.class)).containsExactly(new Flushed(0, 60, 460));
    }

    @Test
    void the_pause_it_makes_is_no_underrun() {
        call.says(OLD, 100).ticks(2);
        call.bridge.runnerInterrupted();
        call.ticks(2).says(NEW, 20).ticks(1);
        assertThat(call.bridge.snapshot().underruns()).isZero();
        assertThat(call.middleSamples()).endsWith(0, -1000);
    }

    /** What is new is zero, so that one old sample in the filter shows. */
    @Test
    void the_old_fades_within_5_ms_and_nothing_of_it_is_left_in_the_filter() {
        call.says(16_000, Call.constant(20_000, 16 * 300)).ticks(4);
        call.bridge.runnerInterrupted();
        call.ticks(1);
        var fade = call.leg.frames().get(4);
        assertThat(fade[0]).isGreaterThan((short) 19_000);
        for (int i = 1; i < 40; i++) {
            assertThat(fade[i]).as("sample %d", i).isBetween((short) (fade[i - 1] - 900), fade[i - 1]);
        }
        assertThat(Arrays.copyOfRange(fade, 40, 160)).containsOnly(0);
        call.says(16_000, Call.constant(0, 16 * 100)).ticks(2);
        assertThat(call.leg.frames().get(5)).containsOnly(0);
        assertThat(call.leg.frames().get(6)).containsOnly(0);
    }

    @Test
    void after_each_flush_the_position_is_all_that_came_before_the_marker() {
        var random = new Random(99);
        long sentSamples = 0;
        for (int i = 0; i < 500; i++) {
            int samples = random.nextInt(9000);
            sentSamples += samples;
            call.says(22_050, Call.constant(OLD, samples)).ticks(random.nextInt(20));
            call.bridge.runnerInterrupted();
            call.ticks(1);
            var answers = call.link.received(Flushed.class);
            var last = answers.get(answers.size() - 1);
            assertThat(answers).as("round %d", i).hasSize(i + 1);
            assertThat(last.atMillis() + last.droppedMillis()).isEqualTo(sentSamples * 1000 / 22_050);
            assertThat(last.limitMillis()).isEqualTo(sentSamples * 1000 / 22_050 + 400);
        }
    }

    @Test
    void what_follows_is_the_beginning_of_a_new_stream() {
        call.leg.format(AudioFormat.SLIN_16K);
        var signal = Signals.fromSilence(Signals.noise(5, 8 * 60));
        call.says(8000, Signals.noise(6, 8 * 200)).ticks(3);
        call.bridge.runnerInterrupted();
        call.leg.clear();
        call.says(8000, signal).ticks(3);
        var expected = new short[960];
        Resampler.between(8000, 16_000).process(signal, 0, signal.length, expected, 0);
        int faded = 16 * PlayoutConverter.CUT_MILLIS;
        assertThat(Arrays.copyOfRange(call.leg.samples(), faded, 960))
                .isEqualTo(Arrays.copyOfRange(expected, faded, 960));
    }
}
