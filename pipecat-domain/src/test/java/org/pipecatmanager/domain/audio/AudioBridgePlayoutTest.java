package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.model.AudioFormat;

class AudioBridgePlayoutTest {
    private final Call call = Call.attached();

    @Test
    void silence_leaves_from_the_first_tick_and_every_20_ms() {
        call.ticks(5);
        assertThat(call.firstSamples()).isEqualTo(Collections.nCopies(5, 0));
        assertThat(call.nextMillis()).isEqualTo(100);
        assertThat(call.meter.count(Counter.SILENCE_PLAYED)).isEqualTo(5);
        assertThat(call.heard).isEmpty();
    }

    @Test
    void a_late_tick_writes_what_is_due_and_a_very_late_one_starts_anew_without_a_burst() {
        call.says(1, 1000).ticks(1);
        assertThat(call.late(45)).isEqualTo(3);
        assertThat(call.nextMillis()).isEqualTo(80);
        assertThat(call.late(60)).isEqualTo(1);
        assertThat(call.nextMillis()).isEqualTo(160);
        assertThat(IntStream.range(0, 10).map(i -> call.late(0))).containsOnly(1);
        assertThat(call.meter.count(Counter.REANCHORED)).isEqualTo(1);
        assertThat(call.meter.worstLatenessNanos()).isEqualTo(60_000_000);
        assertThat(call.bridge.snapshot().worstLatenessNanos()).isEqualTo(60_000_000);
    }

    @Test
    void the_first_word_does_not_wait() {
        call.ticks(3).says(7, 20).ticks(1);
        assertThat(call.firstSamples()).containsExactly(0, 0, 0, 7);
        assertThat(call.heard).containsExactly("audible 60");
    }

    @Test
    void what_came_before_the_leg_waits_and_starts_with_the_first_frame() {
        call.says(7, 40);
        assertThat(call.bridge.snapshot().positionMillis()).isZero();
        assertThat(call.bridge.snapshot().queuedMillis()).isEqualTo(40);
        call.ticks(3);
        assertThat(call.firstSamples()).containsExactly(7, 7, 0);
        assertThat(call.heard).containsExactly("audible 0", "silent 40");
    }

    @Test
    void a_short_last_chunk_is_filled_up_with_silence() {
        call.says(7, 25).ticks(3);
        assertThat(call.leg.frames().get(1)).startsWith(Call.constant(7, 40)).endsWith(Call.constant(0, 120));
        assertThat(call.heard).containsExactly("audible 0", "silent 20");
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(25);
        assertThat(call.meter.count(Counter.FRAME_PLAYED)).isEqualTo(2);
    }

    @Test
    void less_than_a_frame_waits_one_frame_for_more() {
        call.says(7, 10).ticks(1).says(7, 10).ticks(2);
        assertThat(call.leg.frames().get(1)).containsOnly(7);
        assertThat(call.firstSamples()).containsExactly(0, 7, 0);
    }

    @Test
    void less_than_a_frame_is_played_when_no_more_comes() {
        call.says(7, 10).ticks(3);
        assertThat(call.leg.frames().get(1)).startsWith(Call.constant(7, 80)).endsWith(Call.constant(0, 80));
        assertThat(call.heard).containsExactly("audible 20", "silent 20");
    }

    @Test
    void after_an_underrun_speech_waits_for_its_cushion() {
        call.says(7, 40).ticks(3).says(8, 20).ticks(1);
        assertThat(call.firstSamples()).containsExactly(7, 7, 0, 0);
        call.says(8, 20).ticks(2);
        assertThat(call.firstSamples()).containsExactly(7, 7, 0, 0, 8, 8);
        assertThat(call.meter.count(Counter.UNDERRUN)).isEqualTo(1);
        assertThat(call.bridge.snapshot().underruns()).isEqualTo(1);
        assertThat(call.bridge.snapshot().cushionMillis()).isEqualTo(40);
    }

    @Test
    void the_cushion_is_waited_for_no_longer_than_it_is_long() {
        call.says(7, 40).ticks(3).says(8, 20).ticks(4);
        assertThat(call.firstSamples()).containsExactly(7, 7, 0, 0, 0, 8, 0);
    }

    @Test
    void a_reply_after_a_pause_is_no_underrun() {
        call.says(7, 20).ticks(18).says(8, 20).ticks(1);
        assertThat(call.meter.count(Counter.UNDERRUN)).isZero();
        assertThat(call.firstSamples()).endsWith(0, 8);
    }

    @Test
    void each_further_underrun_raises_the_cushion() {
        for (int i = 0; i < 8; i++) {
            call.says(7, 200).ticks(12);
        }
        assertThat(call.bridge.snapshot().cushionMillis()).isEqualTo(Cushion.CEILING_MILLIS);
        assertThat(call.meter.count(Counter.UNDERRUN)).isEqualTo(7);
    }

    @Test
    void audio_dropped_by_the_bound_counts_into_the_position() {
        for (int second = 0; second < 32; second++) {
            call.says(second, 1000);
        }
        call.ticks(1);
        assertThat(call.firstSamples()).containsExactly(2);
        var snapshot = call.bridge.snapshot();
        assertThat(snapshot.droppedMillis()).isEqualTo(2000);
        assertThat(snapshot.positionMillis()).isEqualTo(2020);
        assertThat(snapshot.queuedMillis()).isEqualTo(29_980);
        assertThat(call.meter.count(Counter.DOWNLINK_DROPPED_MILLIS)).isEqualTo(2000);
    }

    @Test
    void the_leg_may_change_its_rate_between_frames() {
        call.says(8000, Call.constant(1000, 8 * 200)).ticks(2);
        call.leg.format(AudioFormat.SLIN_16K);
        call.ticks(4);
        assertThat(call.leg.frames().stream().map(frame -> frame.length))
                .isEqualTo(List.of(160, 160, 320, 320, 320, 320));
        assertThat(call.leg.frames().get(4)).containsOnly(1000);
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(120);
    }
}
