package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;

/**
 * How gaps, cuts and ends sound, in numbers. A click is energy above what the voice itself has: it is measured against
 * the same voice without a gap, and against silence from one sample to the next.
 */
class ConcealmentQualityTest {
    private static final int LEG_HZ = 8000;

    private Call call = Call.attached();

    /** What a caller hears when some ms of a signal come in time and the rest so many frames later. */
    private short[] withGap(short[] signal, int rate, int before, int frames) {
        int cut = rate * before / 1000;
        call = Call.attached();
        call.says(rate, Arrays.copyOf(signal, cut)).ticks(before / 20 + frames);
        call.says(rate, Arrays.copyOfRange(signal, cut, signal.length)).ticks(20);
        return call.leg.samples();
    }

    private static short[] hardGap(short[] signal, int before, int gap) {
        var cut = new short[signal.length + 8 * gap];
        System.arraycopy(signal, 0, cut, 0, 8 * before);
        System.arraycopy(signal, 8 * before, cut, 8 * (before + gap), signal.length - 8 * before);
        return cut;
    }

    /** Above 3 kHz, in the 120 ms around a gap at 300 ms, dB. */
    private static double click(short[] heard) {
        return 10 * Math.log10(Voice.energyAbove(3000, heard, 2240, 960, LEG_HZ));
    }

    @ParameterizedTest(name = "voice of {0} Hz at {1} Hz")
    @CsvSource({
        "90, 8000",
        "120, 16000",
        "155, 16000",
        "155, 22050",
        "210, 8000",
        "210, 11025",
        "290, 24000",
        "120, 48000"
    })
    void a_gap_of_40_ms_in_a_vowel_does_not_click(int pitch, int rate) {
        short[] voice = Voice.vowel(pitch, rate, rate);
        short[] whole = Signals.resample(Resampler.between(rate, LEG_HZ), voice);
        double own = click(whole);
        double worst = 0;
        double sum = 0;
        double worstHard = 0;
        int cuts = 20;
        for (int before = 300; before < 300 + cuts; before++) {
            double click = click(withGap(voice, rate, before, 2)) - own;
            assertThat(call.meter.count(Counter.UNDERRUN)).isEqualTo(1);
            worst = Math.max(worst, click);
            sum += click;
            worstHard = Math.max(worstHard, click(hardGap(whole, before, 40)) - own);
        }
        assertThat(sum / cuts).isLessThan(1);
        // A cut into the pulse of the voice itself, 1 ms long, leaves the most.
        assertThat(worst).isLessThan(9).isLessThan(worstHard - 2.5);
    }

    /** The energy of the voice stays, and fades: 40 ms of made-up sound are no hole. */
    @Test
    void a_gap_of_20_ms_keeps_its_loudness_and_after_60_ms_there_is_silence() {
        short[] voice = Voice.vowel(120, LEG_HZ, LEG_HZ);
        short[] heard = withGap(voice, LEG_HZ, 300, 5);
        double level = ToneFit.rms(part(voice, 2000, 2400));
        assertThat(ToneFit.rms(part(heard, 2400, 2560)) / level).isBetween(0.6, 1.2);
        assertThat(ToneFit.rms(part(heard, 2560, 2720)) / level).isBetween(0.3, 0.8);
        assertThat(ToneFit.rms(part(heard, 2720, 2880)) / level).isBetween(0.02, 0.4);
        assertThat(Arrays.copyOfRange(heard, 2880, 3200)).containsOnly(0);
        assertThat(call.meter.count(Counter.FRAME_CONCEALED)).isEqualTo(3);
        assertThat(call.heard).containsExactly("audible 0", "silent 340", "audible 400");
    }

    @Test
    void over_a_short_gap_the_bot_stays_audible() {
        withGap(Voice.vowel(120, LEG_HZ, LEG_HZ), LEG_HZ, 300, 2);
        assertThat(call.heard).containsExactly("audible 0");
        assertThat(call.bridge.snapshot().concealedFrames()).isEqualTo(2);
    }

    /** Back in phase, and from then on the stream's own samples, all of them, as they would have been. */
    @ParameterizedTest(name = "{0} frames")
    @ValueSource(ints = {1, 2, 3, 6})
    void every_sample_of_the_stream_is_heard_after_the_gap(int frames) {
        short[] tone = Signals.tone(300, LEG_HZ, LEG_HZ);
        short[] heard = withGap(tone, LEG_HZ, 300, frames);
        int blended = 8 * 8;
        int late = 160 * frames;
        while (late < 160 * frames + 120 && heard[2400 + late + blended] != tone[2400 + blended]) {
            late++;
        }
        int count = 2000;
        assertThat(Arrays.copyOfRange(heard, 2400 + late + blended, 2400 + late + count))
                .isEqualTo(Arrays.copyOfRange(tone, 2400 + blended, 2400 + count));
        assertThat(Arrays.copyOfRange(heard, 24, 2400)).isEqualTo(Arrays.copyOfRange(tone, 24, 2400));
        assertThat(call.bridge.snapshot().positionMillis()).isCloseTo((heard.length - late) / 8, within(1L));
    }

    /** Out of phase, the made-up and the late tone would cancel where one is faded into the other. */
    @ParameterizedTest(name = "{0} Hz at {1} Hz")
    @CsvSource({"190, 8000", "225, 8000", "275, 8000", "310, 8000", "325, 16000", "375, 8000"})
    void a_tone_goes_on_in_phase_over_a_gap(int hz, int rate) {
        short[] heard = withGap(Signals.tone(hz, rate, rate), rate, 300, 1);
        for (int from = 2400; from < 3000; from += 8) {
            int peak = 0;
            for (int i = from; i < from + 24; i++) {
                peak = Math.max(peak, Math.abs(heard[i]));
            }
            assertThat(peak).as("around sample %d", from).isGreaterThan(11_500);
        }
    }

    @ParameterizedTest(name = "{0} Hz at {1} Hz")
    @CsvSource({"300, 8000", "300, 16000", "440, 24000"})
    void an_interruption_does_not_click(int hz, int rate) {
        call.says(rate, Signals.tone(hz, rate, rate)).ticks(10);
        call.bridge.runnerInterrupted();
        short[] heard = call.ticks(5).leg.samples();
        short[] hard = new short[heard.length];
        System.arraycopy(heard, 0, hard, 0, 1600);
        double before = 10 * Math.log10(Voice.energyAbove(1000, hard, 1440, 320, LEG_HZ));
        double after = 10 * Math.log10(Voice.energyAbove(1000, heard, 1440, 320, LEG_HZ));
        assertThat(before - after).isGreaterThan(36);
        assertThat(Arrays.copyOfRange(heard, 1640, heard.length)).containsOnly(0);
        assertThat(call.bridge.snapshot().concealedFrames()).isZero();
    }

    @Test
    void a_sentence_that_ends_quietly_is_followed_by_silence() {
        short[] voice = Voice.vowel(120, LEG_HZ, 4800);
        for (int i = 0; i < voice.length; i++) {
            voice[i] = (short) (voice[i] * Math.exp(-i / 700.0));
        }
        call.says(LEG_HZ, voice).ticks(40);
        assertThat(call.bridge.snapshot().concealedFrames()).isZero();
        assertThat(Arrays.copyOfRange(call.leg.samples(), 4840, 6400)).containsOnly(0);
        assertThat(call.heard).containsExactly("audible 0", "silent 600");
    }

    @Test
    void a_reply_that_ends_aloud_fades_for_60_ms_and_no_longer() {
        call.says(16_000, Voice.vowel(210, 16_000, 16 * 500)).ticks(40);
        assertThat(call.bridge.snapshot().concealedFrames()).isEqualTo(3);
        assertThat(Arrays.copyOfRange(call.leg.samples(), 8 * 566, 6400)).containsOnly(0);
        assertThat(call.meter.count(Counter.UNDERRUN)).isZero();
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(500);
    }

    @Test
    void a_start_in_mid_wave_is_faded_in_and_one_from_silence_is_not() {
        short[] tone = Signals.tone(300, LEG_HZ, 1600);
        call.says(LEG_HZ, tone).ticks(10);
        short[] heard = call.leg.samples();
        assertThat(heard[0]).isBetween((short) 0, (short) 100);
        assertThat(Arrays.copyOfRange(heard, 24, 1600)).isEqualTo(Arrays.copyOfRange(tone, 24, 1600));

        var other = Call.attached();
        short[] sine = Arrays.copyOfRange(Signals.tone(1000, LEG_HZ, 1602), 2, 1602);
        assertThat(sine[0]).isBetween((short) -1, (short) 1);
        other.says(LEG_HZ, sine).ticks(10);
        assertThat(other.leg.samples()).isEqualTo(sine);
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void a_hiss_goes_on_as_a_hiss_and_never_louder(long seed) {
        short[] hiss = Signals.noise(seed, LEG_HZ);
        short[] heard = withGap(hiss, LEG_HZ, 300, 2);
        assertThat(ToneFit.rms(part(heard, 2400, 2480))).isBetween(12_000.0, 24_000.0);
        assertThat(ToneFit.rms(part(heard, 2560, 2720))).isBetween(5000.0, 16_000.0);
    }

    private static double[] part(short[] signal, int from, int to) {
        double[] part = new double[to - from];
        for (int i = 0; i < part.length; i++) {
            part[i] = signal[from + i];
        }
        return part;
    }
}
