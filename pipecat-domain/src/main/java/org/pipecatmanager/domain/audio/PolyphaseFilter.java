package org.pipecatmanager.domain.audio;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The filter bank of one rate conversion: for each position an output sample can have between two input samples (its
 * phase), the taps that weigh the input samples around it. Those of a phase add up to one, so silence stays silence and
 * a constant stays that constant, whatever the ratio.
 *
 * <p>Immutable and shared by all resamplers of the same ratio (8 to 16 kHz and 24 to 48 kHz are one). Between 8, 12,
 * 16, 24, 32 and 48 kHz, and between 11.025, 22.05 and 44.1 kHz, it has at most {@value #MOST_COLUMNS} phases and works
 * by columns ({@link ColumnFilter}); from one of these families to the other it has up to 1280 and works by rows
 * ({@link RowFilter}).
 *
 * <table>
 * <caption>Table sizes</caption>
 * <tr><th>Hz</th><th>phases</th><th>taps per phase</th><th>kB</th></tr>
 * <tr><td>8000 to 16000</td><td>2</td><td>49</td><td>0.4</td></tr>
 * <tr><td>16000 to 8000</td><td>1</td><td>97</td><td>0.4</td></tr>
 * <tr><td>24000 to 8000</td><td>1</td><td>145</td><td>0.8</td></tr>
 * <tr><td>22050 to 8000</td><td>160</td><td>133</td><td>83</td></tr>
 * <tr><td>44100 to 8000</td><td>80</td><td>265</td><td>83</td></tr>
 * <tr><td>11025 to 32000, the largest</td><td>1280</td><td>49</td><td>245</td></tr>
 * </table>
 */
abstract sealed class PolyphaseFilter permits ColumnFilter, RowFilter {

    /** The most phases, and samples from one of a phase to its next, that are worked by columns. */
    private static final int MOST_COLUMNS = 6;

    private static final ConcurrentMap<Ratio, PolyphaseFilter> BANKS = new ConcurrentHashMap<>();

    private final Ratio ratio;
    private final int tapsPerPhase;
    private final int delaySamples;

    PolyphaseFilter(Ratio ratio) {
        this.ratio = ratio;
        delaySamples = (int) Math.round((double) KaiserSinc.HALF_WIDTH * ratio.up() / ratio.lesser());
        tapsPerPhase = 2 * reach() / ratio.up() + 1;
    }

    /** The bank that turns {@code inHz} into {@code outHz}, two different rates; built on first use. */
    static PolyphaseFilter between(int inHz, int outHz) {
        return BANKS.computeIfAbsent(Ratio.of(inHz, outHz), PolyphaseFilter::design);
    }

    private static PolyphaseFilter design(Ratio ratio) {
        return ratio.greater() <= MOST_COLUMNS ? new ColumnFilter(ratio) : new RowFilter(ratio);
    }

    /** The taps of one phase, oldest input sample first. */
    final double[] taps(int phase) {
        double[] row = new double[tapsPerPhase];
        double sum = 0;
        for (int age = 0; age < tapsPerPhase; age++) {
            int offset = phase + age * phases() - reach();
            if (Math.abs(offset) <= reach()) {
                double value = KaiserSinc.at(offset, reach(), ratio.greater());
                row[tapsPerPhase - 1 - age] = value;
                sum += value;
            }
        }
        for (int i = 0; i < tapsPerPhase; i++) {
            row[i] /= sum;
        }
        return row;
    }

    /** From the centre of the filter to its outermost tap, in {@code 1 / phases()} input samples. */
    private int reach() {
        return delaySamples * ratio.down();
    }

    /** Output samples per {@link #stride()} input samples; also how many phases there are. */
    final int phases() {
        return ratio.up();
    }

    /** Input samples per {@link #phases()} output samples. */
    final int stride() {
        return ratio.down();
    }

    /** Input samples one output sample is made of. */
    final int tapsPerPhase() {
        return tapsPerPhase;
    }

    /** By how many output samples the output comes after the input it stands for; exact. */
    final int delaySamples() {
        return delaySamples;
    }

    /** The beginning of a stream through this filter. */
    abstract Conversion stream();

    /** A rate conversion in lowest terms: {@code up} output samples for {@code down} input samples. */
    record Ratio(int up, int down) {
        static Ratio of(int inHz, int outHz) {
            int divisor = inHz;
            for (int rest = outHz; rest != 0; ) {
                int next = divisor % rest;
                divisor = rest;
                rest = next;
            }
            return new Ratio(outHz / divisor, inHz / divisor);
        }

        int greater() {
            return Math.max(up, down);
        }

        int lesser() {
            return Math.min(up, down);
        }
    }
}
