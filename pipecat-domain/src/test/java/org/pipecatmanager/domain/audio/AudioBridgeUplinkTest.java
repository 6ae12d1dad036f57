package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.domain.audio.Call.pcm;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Audio;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;

class AudioBridgeUplinkTest {
    private final Call call = Call.attached();

    @Test
    void at_the_runners_rate_every_sample_passes_unchanged_and_at_once() {
        var signal = Signals.noise(1, 320);
        call.bridge.callerAudio(pcm(signal), AudioFormat.SLIN_16K);
        var sent = call.link.received(Audio.class);
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).sampleRateHz()).isEqualTo(16_000);
        assertThat(sent.get(0).samples()).isEqualTo(signal);
    }

    @Test
    void an_8_khz_agent_gets_8_khz_unchanged() {
        var eight = new Call(AudioPlan.DEFAULT.withInRateHz(8000));
        eight.bridge.attach(eight.link);
        var signal = Signals.noise(2, 160);
        eight.bridge.callerAudio(pcm(signal), AudioFormat.SLIN_8K);
        assertThat(eight.link.received(Audio.class).get(0).samples()).isEqualTo(signal);
        assertThat(eight.link.received(Audio.class).get(0).sampleRateHz()).isEqualTo(8000);
    }

    @Test
    void a_frame_of_160_samples_becomes_exactly_320_and_the_frames_one_stream() {
        var signal = Signals.noise(3, 160 * 50);
        for (int i = 0; i < 50; i++) {
            call.bridge.callerAudio(pcm(Arrays.copyOfRange(signal, 160 * i, 160 * i + 160)), AudioFormat.SLIN_8K);
        }
        assertThat(call.link.received(Audio.class)).hasSize(50).allMatch(audio -> audio.samples().length == 320);
        var whole = new short[16_000];
        Resampler.between(8000, 16_000).process(signal, 0, signal.length, whole, 0);
        assertThat(sent(call.link)).isEqualTo(whole);
        assertThat(call.meter.count(Counter.UPLINK_FRAME)).isEqualTo(50);
    }

    @Test
    void messages_of_any_length_are_one_stream() {
        var random = new Random(4);
        var signal = Signals.noise(5, 100_000);
        for (int at = 0; at < signal.length; ) {
            int length = Math.min(signal.length - at, random.nextInt(32_000));
            call.bridge.callerAudio(pcm(Arrays.copyOfRange(signal, at, at + length)), new AudioFormat(48_000));
            at += length;
        }
        var resampler = Resampler.between(48_000, 16_000);
        var whole = new short[resampler.maxOutput(signal.length)];
        int length = resampler.process(signal, 0, signal.length, whole, 0);
        assertThat(sent(call.link)).isEqualTo(Arrays.copyOf(whole, length));
    }

    @Test
    void the_caller_may_change_its_rate_in_the_call() {
        var wide = Signals.noise(6, 320);
        call.bridge.callerAudio(pcm(new short[160]), AudioFormat.SLIN_8K);
        call.bridge.callerAudio(pcm(wide), AudioFormat.SLIN_16K);
        var sent = call.link.received(Audio.class);
        assertThat(sent.get(0).samples()).hasSize(320);
        assertThat(sent.get(1).samples()).isEqualTo(wide);
    }

    @Test
    void without_a_link_it_is_discarded_and_counted_and_the_next_link_hears_nothing_of_it() {
        call.bridge.callerAudio(pcm(Call.constant(20_000, 160)), AudioFormat.SLIN_8K);
        call.bridge.detach(call.link);
        call.bridge.callerAudio(pcm(Call.constant(20_000, 160)), AudioFormat.SLIN_8K);
        assertThat(call.meter.count(Counter.UPLINK_DISCARDED)).isEqualTo(1);
        var next = new FakeRunnerLink();
        call.bridge.attach(next);
        call.bridge.callerAudio(pcm(new short[160]), AudioFormat.SLIN_8K);
        assertThat(sent(next)).hasSize(320).containsOnly(0);
        assertThat(call.bridge.snapshot().uplinkFrames()).isEqualTo(2);
        assertThat(call.bridge.snapshot().uplinkDiscarded()).isEqualTo(1);
    }

    @Test
    void the_first_audio_of_the_caller_is_told_once() {
        call.ticks(2);
        call.bridge.callerAudio(pcm(new short[160]), AudioFormat.SLIN_8K);
        call.bridge.callerAudio(pcm(new short[160]), AudioFormat.SLIN_8K);
        assertThat(call.heard).containsExactly("caller 20");
    }

    @Test
    void an_empty_message_is_nothing() {
        call.bridge.callerAudio(pcm(), AudioFormat.SLIN_8K);
        assertThat(call.heard).isEmpty();
        assertThat(call.link.received()).isEmpty();
        assertThat(call.meter.count(Counter.UPLINK_FRAME)).isZero();
    }

    private static short[] sent(FakeRunnerLink link) {
        var audios = link.received(Audio.class);
        var joined = new short
                [audios.stream().mapToInt(audio -> audio.samples().length).sum()];
        int at = 0;
        for (var audio : audios) {
            System.arraycopy(audio.samples(), 0, joined, at, audio.samples().length);
            at += audio.samples().length;
        }
        return joined;
    }
}
