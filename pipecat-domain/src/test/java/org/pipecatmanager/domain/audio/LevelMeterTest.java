package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.pipecatmanager.domain.audio.Call.constant;
import static org.pipecatmanager.domain.audio.Call.pcm;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioLevels;

class LevelMeterTest {
    private final LevelMeter meter = new LevelMeter();
    private final Call call = Call.attached();

    @Test
    void silence_is_the_floor_of_the_scale_also_when_nothing_came() {
        assertThat(meter.look().callerDbfs()).isEqualTo(AudioLevels.SILENCE_DBFS);
        meter.caller(0, pcm(new short[160]), 8000);
        assertThat(meter.look().callerDbfs()).isEqualTo(AudioLevels.SILENCE_DBFS);
    }

    @Test
    void it_is_the_root_mean_square_since_the_last_look_of_each_edge() {
        call.bridge.tap(meter);
        call.bridge.callerAudio(pcm(constant(16_384, 160)), AudioFormat.SLIN_8K);
        call.bridge.callerAudio(pcm(constant(-16_384, 160)), AudioFormat.SLIN_8K);
        call.says(-3277, 200).ticks(5);
        LevelMeter.Reading loud = meter.look();
        assertThat(loud.callerDbfs()).isCloseTo(-6.02, within(0.01));
        assertThat(loud.botDbfs()).isCloseTo(-20.0, within(0.3));
        assertThat(loud.playing()).isTrue();
        call.ticks(20);
        assertThat(meter.look().callerDbfs()).isEqualTo(AudioLevels.SILENCE_DBFS);
        call.ticks(1);
        assertThat(meter.look()).isEqualTo(new LevelMeter.Reading(-96, -96, false));
    }

    @Test
    void who_has_left_hears_nothing_more_and_the_others_do() {
        var other = new LevelMeter();
        call.bridge.tap(meter);
        call.bridge.tap(other);
        call.bridge.untap(meter);
        call.bridge.callerAudio(pcm(constant(1000, 160)), AudioFormat.SLIN_8K);
        assertThat(meter.look().callerDbfs()).isEqualTo(AudioLevels.SILENCE_DBFS);
        assertThat(other.look().callerDbfs()).isGreaterThan(-40);
    }
}
