package org.pipecatmanager.domain.audio;

import java.util.Arrays;

/**
 * A filter of few phases: a block gives many output samples of one phase, whose input samples are {@code stride} apart.
 * With the input in as many columns, a tap weighs one run of adjacent samples for all of them, and the compiler makes
 * vector instructions of that, as of every loop here that is a method of its own.
 *
 * <p>Samples and taps are floats, which hold a sample exactly; four products are added up in float, the fours in
 * double. Each output sample has its order of additions, so it is the same on every machine and whatever the compiler
 * makes of it. Float's 24 bits leave an error of some thousandths of a step of 16 bits.
 */
final class ColumnFilter extends PolyphaseFilter {

    /** Output samples of a phase in a block, at most: 20 ms where the rates are multiples of 8 kHz. */
    private static final int ROWS = 160;

    /** Taps taken at once. The compiler gives up vectors where the loop has more. */
    private static final int GROUP = 4;

    /** Per phase the taps that are not zero, then zeros to a whole group. */
    private final float[][] taps;

    /** Per phase and tap, where in the line the sample lies that it weighs for the first output sample of the line. */
    private final int[][] places;

    ColumnFilter(Ratio ratio) {
        super(ratio);
        taps = new float[phases()][];
        places = new int[phases()][];
        int oldest = 0;
        int phase = 0;
        for (int i = 0; i < phases(); i++) {
            fill(phase, oldest % stride());
            phase += stride();
            oldest += phase / phases();
            phase %= phases();
        }
    }

    private void fill(int phase, int oldest) {
        double[] row = taps(phase);
        int count = 0;
        for (double tap : row) {
            if (tap != 0) {
                count++;
            }
        }
        int padded = Math.ceilDiv(count, GROUP) * GROUP;
        taps[phase] = new float[padded];
        places[phase] = new int[padded];
        int next = 0;
        for (int i = 0; i < row.length; i++) {
            if (row[i] != 0) {
                int index = oldest + i;
                taps[phase][next] = (float) row[i];
                places[phase][next] = index % stride() * columnLength() + index / stride();
                next++;
            }
        }
    }

    private int columnLength() {
        return Math.ceilDiv(Conversion.lineLength(this, ROWS * stride(), stride()), stride());
    }

    @Override
    Conversion stream() {
        return new Stream();
    }

    /** The line in {@code stride} columns, one after the other: index 0, stride, 2 * stride, ... are the first. */
    private final class Stream extends Conversion {
        private final int columns = stride();
        private final int columnLength = columnLength();
        private final float[] line = new float[columns * columnLength];
        private final double[] sums = new double[ROWS];
        private final int[] rounded = new int[ROWS];

        Stream() {
            super(ColumnFilter.this, ROWS * stride(), stride());
        }

        @Override
        void put(short[] in, int inOffset, int count, int index) {
            if (columns == 1) {
                copy(in, inOffset, count, line, index);
            } else {
                int end = inOffset + count;
                for (int i = 0; i < Math.min(columns, count); i++) {
                    spread(in, inOffset + i, end, columns, line, place(index + i));
                }
            }
        }

        private int place(int index) {
            return index % columns * columnLength + index / columns;
        }

        @Override
        void drop(int count, int filled) {
            int rows = count / columns;
            int kept = Math.ceilDiv(filled, columns) - rows;
            for (int start = 0; start < line.length; start += columnLength) {
                System.arraycopy(line, start + rows, line, start, kept);
            }
        }

        @Override
        void clear() {
            Arrays.fill(line, 0);
        }

        @Override
        void filter(int ofPhase, int index, int count, short[] out, int outOffset, int step) {
            float[] weights = taps[ofPhase];
            int[] at = places[ofPhase];
            int row = index / columns;
            Arrays.fill(sums, 0, count, 0);
            for (int tap = 0; tap < weights.length; tap += GROUP) {
                addGroup(weights, at, tap, line, row, sums, count);
            }
            round(sums, rounded, count);
            write(rounded, count, out, outOffset, step);
        }
    }

    private static void copy(short[] in, int offset, int count, float[] out, int outOffset) {
        for (int i = 0; i < count; i++) {
            out[outOffset + i] = in[offset + i];
        }
    }

    private static void spread(short[] in, int offset, int end, int step, float[] out, int outOffset) {
        int to = outOffset;
        for (int from = offset; from < end; from += step) {
            out[to] = in[from];
            to++;
        }
    }

    /**
     * Four taps for all output samples. The sums are of another type than the samples, because the compiler takes two
     * arrays of one type for possibly the same; and the places come from a table, because it does not make vectors of
     * overlapping runs of which it knows.
     */
    private static void addGroup(
            float[] weights, int[] at, int tap, float[] samples, int row, double[] sums, int count) {
        float weight0 = weights[tap];
        float weight1 = weights[tap + 1];
        float weight2 = weights[tap + 2];
        float weight3 = weights[tap + 3];
        int at0 = at[tap] + row;
        int at1 = at[tap + 1] + row;
        int at2 = at[tap + 2] + row;
        int at3 = at[tap + 3] + row;
        for (int i = 0; i < count; i++) {
            sums[i] += (weight0 * samples[at0 + i] + weight1 * samples[at1 + i])
                    + (weight2 * samples[at2 + i] + weight3 * samples[at3 + i]);
        }
    }

    /** To nearest, saturated. */
    private static void round(double[] sums, int[] rounded, int count) {
        for (int i = 0; i < count; i++) {
            rounded[i] = Math.min(Math.max((int) Math.rint(sums[i]), Short.MIN_VALUE), Short.MAX_VALUE);
        }
    }

    private static void write(int[] samples, int count, short[] out, int offset, int step) {
        for (int i = 0; i < count; i++) {
            out[offset + i * step] = (short) samples[i];
        }
    }
}
