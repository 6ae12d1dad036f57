package org.pipecatmanager.domain.audio;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The filter bank of one rate conversion: for each position an output sample can have between two input samples (its phase), the taps
 * that weigh the input samples around it.
 *
 * <p>Immutable and shared by all resamplers of the same ratio (8 to 16 kHz and 24 to 48 kHz are one). A bank holds
 * {@code phases * tapsPerPhase} coefficients of 4 bytes:
 *
 * <table>
 * <caption>Table sizes</caption>
 * <tr><th>Hz</th><th>phases</th><th>taps per phase</th><th>kB</th></tr>
 * <tr><td>8000 to 16000</td><td>2</td><td>49</td><td>0.4</td></tr>
 * <tr><td>16000 to 8000</td><td>1</td><td>97</td><td>0.4</td></tr>
 * <tr><td>24000 to 8000</td><td>1</td><td>145</td><td>0.6</td></tr>
 * <tr><td>22050 to 8000</td><td>160</td><td>133</td><td>83</td></tr>
 * <tr><td>44100 to 8000</td><td>80</td><td>265</td><td>83</td></tr>
 * <tr><td>11025 to 32000, the largest</td><td>1280</td><td>49</td><td>245</td></tr>
 * </table>
 *
 * <p>Coefficients are fixed point with {@value #FRACTION_BITS} fraction bits. Those of a phase add up to exactly one, so silence stays
 * silence and a constant stays that constant whatever the ratio.
 */
final class PolyphaseFilter {

    /** Leaves 2^63 / 2^(30 + 15) times full scale for a sum: no number of taps here comes near. */
    private static final int FRACTION_BITS = 30;

    private static final long ONE = 1L << FRACTION_BITS;
    private static final long HALF = ONE >> 1;

    private static final ConcurrentMap<Ratio, PolyphaseFilter> BANKS = new ConcurrentHashMap<>();

    private final int phases;
    private final int stride;
    private final int tapsPerPhase;
    private final int delaySamples;
    /** Row after row, oldest input sample first. */
    private final int[] taps;
    /** Per phase, the first tap that is not zero, and how many follow up to the last that is not. */
    private final int[] firstTap;

    private final int[] tapCount;

    private PolyphaseFilter(Ratio ratio) {
        phases = ratio.up();
        stride = ratio.down();
        int stepsPerSample = Math.max(phases, stride);
        delaySamples = (int) Math.round((double) KaiserSinc.HALF_WIDTH * phases / Math.min(phases, stride));
        int reach = delaySamples * stride;
        tapsPerPhase = 2 * reach / phases + 1;
        taps = new int[phases * tapsPerPhase];
        firstTap = new int[phases];
        tapCount = new int[phases];
        for (int phase = 0; phase < phases; phase++) {
            fillRow(phase, responseOf(phase, reach, stepsPerSample));
        }
    }

    /** The bank that turns {@code inHz} into {@code outHz}, two different rates; built on first use. */
    static PolyphaseFilter between(int inHz, int outHz) {
        return BANKS.computeIfAbsent(Ratio.of(inHz, outHz), PolyphaseFilter::new);
    }

    private double[] responseOf(int phase, int reach, int stepsPerSample) {
        double[] row = new double[tapsPerPhase];
        double sum = 0;
        for (int age = 0; age < tapsPerPhase; age++) {
            int offset = phase + age * phases - reach;
            if (Math.abs(offset) <= reach) {
                double value = KaiserSinc.at(offset, reach, stepsPerSample);
                row[tapsPerPhase - 1 - age] = value;
                sum += value;
            }
        }
        for (int i = 0; i < tapsPerPhase; i++) {
            row[i] /= sum;
        }
        return row;
    }

    private void fillRow(int phase, double[] row) {
        int base = phase * tapsPerPhase;
        long sum = 0;
        int largest = 0;
        for (int i = 0; i < tapsPerPhase; i++) {
            taps[base + i] = (int) Math.round(row[i] * ONE);
            sum += taps[base + i];
            if (row[i] > row[largest]) {
                largest = i;
            }
        }
        taps[base + largest] += (int) (ONE - sum);
        int first = 0;
        while (taps[base + first] == 0) {
            first++;
        }
        int last = tapsPerPhase - 1;
        while (taps[base + last] == 0) {
            last--;
        }
        firstTap[phase] = first;
        tapCount[phase] = last - first + 1;
    }

    /** Output samples per {@link #stride()} input samples; also how many phases there are. */
    int phases() {
        return phases;
    }

    /** Input samples per {@link #phases()} output samples. */
    int stride() {
        return stride;
    }

    /** Input samples one output sample is made of. */
    int tapsPerPhase() {
        return tapsPerPhase;
    }

    /** By how many output samples the output comes after the input it stands for; exact. */
    int delaySamples() {
        return delaySamples;
    }

    /**
     * One output sample.
     *
     * @param phase position of the sample, in {@code 1 / phases()} input samples after the newest input sample
     * @param line input samples, each in the range of a {@code short}
     * @param oldest index in {@code line} of the first of the {@code tapsPerPhase()} samples that count
     * @return rounded to nearest and saturated
     */
    short apply(int phase, int[] line, int oldest) {
        int skipped = firstTap[phase];
        int tap = phase * tapsPerPhase + skipped;
        int sample = oldest + skipped;
        int count = tapCount[phase];
        long sum = HALF;
        for (int i = 0; i < count; i++) {
            sum += (long) taps[tap + i] * line[sample + i];
        }
        return (short) Math.clamp(sum >> FRACTION_BITS, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    /** A rate conversion in lowest terms: {@code up} output samples for {@code down} input samples. */
    private record Ratio(int up, int down) {
        static Ratio of(int inHz, int outHz) {
            int divisor = inHz;
            for (int rest = outHz; rest != 0; ) {
                int next = divisor % rest;
                divisor = rest;
                rest = next;
            }
            return new Ratio(outHz / divisor, inHz / divisor);
        }
    }
}
