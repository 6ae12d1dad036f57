package org.pipecatmanager.domain.audio;

import java.util.Arrays;

/**
 * A filter of many phases: hardly two output samples of a block have one in common, and each is a sum of its own.
 *
 * <p>Coefficients are fixed point with {@value #FRACTION_BITS} fraction bits and sums are exact: whole numbers may be
 * added in any order, so the compiler can make vector instructions of one sum, which it may not of floats.
 */
final class RowFilter extends PolyphaseFilter {

    /** Input samples taken at once: 20 ms at 48 kHz. */
    private static final int BLOCK = 960;

    /** The largest tap, one, fits an {@code int}; with the 15 bits of a sample a sum takes 46 of a {@code long}. */
    private static final int FRACTION_BITS = 30;

    private static final long ONE = 1L << FRACTION_BITS;
    private static final long HALF = ONE >> 1;

    /** Row after row, oldest input sample first. */
    private final int[] taps;

    /** Per phase, how many taps are zero before the first that is not. */
    private final int[] firstTap;

    /** Per phase, how many taps lie between the zeros at either end. */
    private final int[] tapCount;

    RowFilter(Ratio ratio) {
        super(ratio);
        taps = new int[phases() * tapsPerPhase()];
        firstTap = new int[phases()];
        tapCount = new int[phases()];
        for (int phase = 0; phase < phases(); phase++) {
            fill(phase, taps(phase));
        }
    }

    private void fill(int phase, double[] row) {
        int base = phase * row.length;
        for (int i = 0; i < row.length; i++) {
            taps[base + i] = (int) Math.round(row[i] * ONE);
        }
        int first = 0;
        while (taps[base + first] == 0) {
            first++;
        }
        int last = row.length - 1;
        while (taps[base + last] == 0) {
            last--;
        }
        firstTap[phase] = first;
        tapCount[phase] = last - first + 1;
    }

    @Override
    Conversion stream() {
        return new Stream();
    }

    /** The line as it comes. */
    private final class Stream extends Conversion {
        private final int[] line = new int[lineLength(RowFilter.this, BLOCK, 1)];

        Stream() {
            super(RowFilter.this, BLOCK, 1);
        }

        @Override
        void put(short[] in, int inOffset, int count, int index) {
            for (int i = 0; i < count; i++) {
                line[index + i] = in[inOffset + i];
            }
        }

        @Override
        void drop(int count, int filled) {
            System.arraycopy(line, count, line, 0, filled - count);
        }

        @Override
        void clear() {
            Arrays.fill(line, 0);
        }

        @Override
        void filter(int ofPhase, int index, int count, short[] out, int outOffset, int step) {
            int skipped = firstTap[ofPhase];
            int tap = ofPhase * tapsPerPhase() + skipped;
            for (int i = 0; i < count; i++) {
                long sum = HALF + dot(taps, tap, line, index + skipped + i * stride(), tapCount[ofPhase]);
                out[outOffset + i * step] = (short) Math.clamp(sum >> FRACTION_BITS, Short.MIN_VALUE, Short.MAX_VALUE);
            }
        }
    }

    private static long dot(int[] taps, int tap, int[] line, int index, int count) {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (long) taps[tap + i] * line[index + i];
        }
        return sum;
    }
}
