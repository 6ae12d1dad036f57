package org.pipecatmanager.domain.audio;

/**
 * One stream on its way through a {@link PolyphaseFilter}, block by block and in each block phase by phase. How the
 * input samples that are still needed lie in memory, its line, is up to the filter; here they have an index, the oldest
 * 0.
 *
 * <p>Not thread safe: one owner at a time. Allocates nothing after construction.
 */
abstract class Conversion {
    /** Fits into a block of every filter. */
    private static final short[] SILENCE = new short[160];

    private final int phases;
    private final int stride;
    private final int history;
    private final int block;
    private final int columns;
    /** Input samples in the line. */
    private int filled;
    /** Index of the oldest input sample of the next output sample. */
    private int oldest;
    /** Phase of the next output sample. */
    private int phase;

    /**
     * At the beginning of a stream, if the line is silent.
     *
     * @param block the most samples that are appended before what they complete is worked off
     * @param columns the line is moved on by multiples of this
     */
    Conversion(PolyphaseFilter filter, int block, int columns) {
        this.phases = filter.phases();
        this.stride = filter.stride();
        this.history = filter.tapsPerPhase() - 1;
        this.block = block;
        this.columns = columns;
        filled = history;
    }

    /** The most samples that are ever in the line. */
    static int lineLength(PolyphaseFilter filter, int block, int columns) {
        return filter.tapsPerPhase() - 1 + columns - 1 + block;
    }

    /** Puts samples into the line, the first at the index given. */
    abstract void put(short[] in, int inOffset, int count, int index);

    /** Takes the {@code count} oldest samples, a multiple of the columns, out of a line of {@code filled}. */
    abstract void drop(int count, int filled);

    /** Makes the line silent. */
    abstract void clear();

    /**
     * Writes output samples of one phase, each made of input samples {@code stride} later than the one before.
     *
     * @param ofPhase their position, in {@code 1 / phases} input samples after their newest input sample
     * @param index of the oldest input sample that counts for the first of them; modulo {@code stride} it is always
     *     the same for a phase
     * @param step from each of them in {@code out} to the next
     */
    abstract void filter(int ofPhase, int index, int count, short[] out, int outOffset, int step);

    /** Forgets everything: what comes next is the beginning of a new stream. */
    final void restart() {
        clear();
        filled = history;
        oldest = 0;
        phase = 0;
    }

    /** Takes input samples and writes every output sample that they complete. */
    final void take(short[] in, int inOffset, int inLength, short[] out, int outOffset) {
        int written = outOffset;
        for (int done = 0; done < inLength; done += block) {
            append(in, inOffset + done, Math.min(block, inLength - done));
            int count = due();
            write(out, written, count);
            written += count;
        }
    }

    /** Writes {@code count} output samples as if silence followed; the stream is over then. */
    final void takeSilence(short[] out, int outOffset, int count) {
        for (int written = 0; written < count; ) {
            append(SILENCE, 0, SILENCE.length);
            int length = Math.min(due(), count - written);
            write(out, outOffset + written, length);
            written += length;
        }
    }

    private void append(short[] in, int inOffset, int count) {
        put(in, inOffset, count, filled);
        filled += count;
    }

    /** How many output samples the line completes. */
    private int due() {
        int positions = filled - history - oldest;
        return Math.max(0, Math.ceilDiv(positions * phases - phase, stride));
    }

    private void write(short[] out, int outOffset, int count) {
        int ofEach = count / phases;
        int rest = count % phases;
        for (int i = 0; i < Math.min(phases, count); i++) {
            filter(phase, oldest, i < rest ? ofEach + 1 : ofEach, out, outOffset + i, phases);
            advance(stride);
        }
        advance((count - Math.min(phases, count)) * stride);
        int passed = oldest - oldest % columns;
        drop(passed, filled);
        oldest -= passed;
        filled -= passed;
    }

    /** Moves the next output sample on by {@code steps / phases} input samples. */
    private void advance(int steps) {
        int position = phase + steps;
        oldest += position / phases;
        phase = position % phases;
    }
}
