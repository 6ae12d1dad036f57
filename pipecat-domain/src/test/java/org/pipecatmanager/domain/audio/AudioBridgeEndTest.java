package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.domain.audio.Call.pcm;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;

class AudioBridgeEndTest {
    private final Call call = Call.attached();

    @Test
    void the_leg_ends_at_the_next_tick_and_hears_nothing_more() {
        call.says(1, 100).ticks(2);
        call.bridge.end();
        call.bridge.end();
        call.ticks(3);
        assertThat(call.leg.ended()).isTrue();
        assertThat(call.firstSamples()).containsExactly(1, 1);
        assertThat(call.heard).containsExactly("audible 0", "silent 40");
    }

    @Test
    void a_leg_that_comes_after_the_end_is_ended_by_its_first_tick() {
        call.bridge.end();
        assertThat(call.late(0)).isZero();
        assertThat(call.leg.ended()).isTrue();
    }

    @Test
    void the_end_of_the_leg_is_passed_on_after_the_bot_is_silent() {
        call.says(1, 100).ticks(1);
        call.bridge.closed(LegEnd.HUNG_UP);
        assertThat(call.heard).containsExactly("audible 0", "silent 0", "closed HUNG_UP");
    }

    @Test
    void keys_are_passed_on() {
        call.bridge.pressed('#');
        assertThat(call.heard).containsExactly("pressed #");
    }

    @Test
    void audio_for_a_leg_that_is_gone_is_not_kept() {
        call.ticks(1).bridge.closed(LegEnd.HUNG_UP);
        call.says(1, 100);
        assertThat(call.bridge.snapshot().queuedMillis()).isZero();
    }

    @Test
    void a_leg_at_a_rate_that_cannot_be_converted_is_ended() {
        call.leg.format(new AudioFormat(96_000));
        call.bridge.callerAudio(pcm(new short[1920]), new AudioFormat(96_000));
        call.says(1, 100).ticks(2);
        assertThat(call.leg.ended()).isTrue();
        assertThat(call.bridge.snapshot().unsupportedHz()).isEqualTo(96_000);
        assertThat(call.meter.count(Counter.UPLINK_DISCARDED)).isEqualTo(1);
    }

    @Test
    void a_runner_at_a_rate_that_cannot_be_converted_is_not_heard_and_shows() {
        call.says(96_000, new short[9600]).ticks(2);
        assertThat(call.firstSamples()).containsExactly(0, 0);
        assertThat(call.bridge.snapshot().unsupportedHz()).isEqualTo(96_000);
        assertThat(call.bridge.snapshot().droppedMillis()).isEqualTo(100);
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(100);
    }
}
