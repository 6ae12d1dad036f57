package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.model.AudioFormat;

class AudioBridgeRatesTest {
    private static final int FRAMES = 1000;

    private final Call call = Call.attached();

    /** 22 s of the runner's audio, so that 1000 frames never run dry. */
    private void plays(int runnerHz, int legHz, double toneHz) {
        call.leg.format(new AudioFormat(legHz));
        call.says(runnerHz, Signals.tone(toneHz, runnerHz, 22 * runnerHz));
        call.ticks(FRAMES);
    }

    @ParameterizedTest(name = "{0} Hz to {1} Hz")
    @CsvSource({
        "8000, 8000",
        "11025, 8000",
        "16000, 8000",
        "22050, 8000",
        "24000, 8000",
        "48000, 8000",
        "8000, 16000",
        "11025, 16000",
        "16000, 16000",
        "22050, 16000",
        "24000, 16000",
        "44100, 48000",
        "8000, 48000"
    })
    void a_thousand_frames_take_twenty_seconds_and_nothing_drifts(int runnerHz, int legHz) {
        plays(runnerHz, legHz, 440);
        assertThat(call.leg.samples()).hasSize(FRAMES * legHz / 50);
        // What a frame needs beyond a whole sample is taken with it: at most one sample of the runner's rate.
        assertThat(call.bridge.snapshot().positionMillis()).isBetween(19_999L, 20_000L);
        assertThat(call.bridge.snapshot().framesPlayed()).isEqualTo(FRAMES);
        assertThat(call.bridge.snapshot().underruns()).isZero();
    }

    @ParameterizedTest(name = "{0} Hz to {1} Hz")
    @CsvSource({"8000, 8000", "11025, 8000", "16000, 8000", "22050, 8000", "24000, 8000", "48000, 8000", "8000, 16000"})
    void a_tone_stays_one_tone_across_every_edge(int runnerHz, int legHz) {
        plays(runnerHz, legHz, 1000);
        var steady = Arrays.stream(toInts(call.leg.samples()))
                .skip(legHz / 50)
                .asDoubleStream()
                .toArray();
        assertThat(ToneFit.of(steady, 1000, legHz).sinad()).isGreaterThan(80);
    }

    /** Wideband where Asterisk and voice have it, and narrowband where the voice does: no filter, no delay. */
    @ParameterizedTest(name = "{0} Hz")
    @ValueSource(ints = {8000, 16_000, 48_000})
    void a_voice_at_the_legs_own_rate_passes_bit_by_bit_and_at_once(int hz) {
        var voice = Signals.fromSilence(Signals.noise(hz, hz));
        call.leg.format(new AudioFormat(hz));
        call.says(hz, voice).ticks(50);
        assertThat(call.leg.samples()).isEqualTo(voice);
    }

    /** However the runner cuts its audio, the caller hears what one resampler makes of the whole. */
    @ParameterizedTest(name = "{0} Hz to {1} Hz")
    @CsvSource({"11025, 8000", "22050, 8000", "24000, 8000", "22050, 16000", "8000, 16000", "8000, 8000"})
    void the_cut_of_the_messages_does_not_sound(int runnerHz, int legHz) {
        var random = new Random(runnerHz);
        var signal = Signals.fromSilence(Signals.noise(11, 10 * runnerHz));
        call.leg.format(new AudioFormat(legHz));
        int sent = 0;
        for (int frame = 0; frame < 400; frame++) {
            while (sent < signal.length && sent < (frame + 2) * runnerHz / 50) {
                int length = Math.min(signal.length - sent, 1 + random.nextInt(runnerHz / 25));
                call.says(runnerHz, Arrays.copyOfRange(signal, sent, sent + length));
                sent += length;
            }
            call.ticks(1);
        }
        var resampler = Resampler.between(runnerHz, legHz);
        var whole = new short[resampler.maxOutput(signal.length)];
        resampler.process(signal, 0, signal.length, whole, 0);
        assertThat(call.leg.samples()).isEqualTo(Arrays.copyOf(whole, 400 * legHz / 50));
    }

    @ParameterizedTest(name = "{0} Hz, then {1} Hz")
    @CsvSource({"24000, 44100", "8000, 16000", "16000, 8000"})
    void a_rate_that_changes_in_the_stream_is_followed(int firstHz, int secondHz) {
        call.says(firstHz, Signals.tone(500, firstHz, firstHz)).says(secondHz, Signals.tone(500, secondHz, secondHz));
        call.ticks(100);
        var heard = call.leg.samples();
        assertThat(call.bridge.snapshot().positionMillis()).isCloseTo(2000, within(5L));
        assertThat(sinadOf(heard, 800, 7200)).isGreaterThan(75);
        assertThat(sinadOf(heard, 8800, 15_200)).isGreaterThan(75);
    }

    private static double sinadOf(short[] heard, int from, int to) {
        var part = Arrays.stream(toInts(heard))
                .skip(from)
                .limit(to - from)
                .asDoubleStream()
                .toArray();
        return ToneFit.of(part, 500, 8000).sinad();
    }

    private static int[] toInts(short[] samples) {
        return IntStream.range(0, samples.length).map(i -> samples[i]).toArray();
    }
}
