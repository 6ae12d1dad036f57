package org.pipecatmanager.domain.audio;

/**
 * How much audio is gathered before the bot's voice starts, and what counts as an underrun.
 *
 * <p><b>Cushion.</b> None at first: the runner runs ahead by its grant, and the first word should not wait. Each
 * underrun asks for more at every later start: 40 ms, then 20 ms more, up to 120 ms. It does not shrink: a runner
 * that stumbled in this call may again.
 *
 * <p><b>Underrun.</b> Audio alone does not say whether a reply is over or late, so it is judged afterwards: when the
 * queue ran dry, was not flushed, and audio comes again within 300 ms, the bot was still speaking. A longer pause is
 * a pause. Two replies in such close succession count as one that stumbled; that costs at most the cushion.
 *
 * <p><b>Threads.</b> Owned by the leg's loop thread.
 */
final class Cushion {
    /** After the first underrun. */
    static final int FIRST_MILLIS = 40;
    /** Added by each further one: a frame. */
    static final int STEP_MILLIS = 20;
    /** Never more than this: what a caller does not yet notice as a slow answer. */
    static final int CEILING_MILLIS = 120;
    /** Audio that comes again after a longer silence is something new. */
    static final long SAME_SPEECH_NANOS = 300_000_000L;

    private boolean dry;
    private long dryNanos;
    private int millis;

    /** The queue ran out at this moment, by itself. */
    void ranDry(long nowNanos) {
        dry = true;
        dryNanos = nowNanos;
    }

    /** What was being said is over on purpose: what comes next is something new. */
    void forget() {
        dry = false;
    }

    /**
     * Audio has come again.
     *
     * @return whether the silence before it was an underrun; the cushion has then grown
     */
    boolean resumed(long nowNanos) {
        boolean underrun = dry && nowNanos - dryNanos <= SAME_SPEECH_NANOS;
        dry = false;
        if (underrun) {
            millis = millis == 0 ? FIRST_MILLIS : Math.min(CEILING_MILLIS, millis + STEP_MILLIS);
        }
        return underrun;
    }

    /** What to gather before the voice starts, milliseconds. */
    int millis() {
        return millis;
    }
}
