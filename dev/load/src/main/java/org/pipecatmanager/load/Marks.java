package org.pipecatmanager.load;

/**
 * Which frame it is, told by its sound: a marked frame holds one level throughout, which a filter between 8 and 16 kHz
 * leaves as it is but for the first 6 ms.
 *
 * <p>Marks run from 0 to {@value #COUNT} - 1 and around: a frame is recognised among those of {@value #COUNT} * 20 ms. Levels rise by two
 * steps and come down between them, so that neighbours are close, the last and the first too: a filter rings before and after a step in
 * proportion to its height, and a frame that a gap has shifted is read near one.
 */
final class Marks {
    static final int COUNT = 60;
    /** Nothing is to be heard. */
    static final int SILENCE = -1;
    /** No level that a mark has. */
    static final int UNKNOWN = -2;

    private static final int LOWEST = -29_500;
    private static final int STEP = 1_000;
    /** How far from its level a mark is still taken for it; the filter is exact to one or two. */
    private static final int TOLERANCE = 200;

    private Marks() {}

    /** The level of a mark. No mark has the level 0. */
    static short level(int mark) {
        int place = mark < COUNT / 2 ? 2 * mark : 2 * (COUNT - mark) - 1;
        return (short) (LOWEST + place * STEP);
    }

    /** The mark of this level, {@link #SILENCE} or {@link #UNKNOWN}. */
    static int of(int level) {
        if (Math.abs(level) <= TOLERANCE) {
            return SILENCE;
        }
        int place = Math.floorDiv(level - LOWEST + STEP / 2, STEP);
        int mark = place % 2 == 0 ? place / 2 : COUNT - (place + 1) / 2;
        boolean near = place >= 0 && place < COUNT && Math.abs(level - level(mark)) <= TOLERANCE;
        return near ? mark : UNKNOWN;
    }

    /** How many frames lie between two marks, going forward: 1 from each to the next. */
    static int distance(int from, int to) {
        return Math.floorMod(to - from, COUNT);
    }
}
