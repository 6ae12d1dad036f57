package org.pipecatmanager.domain.audio;

/**
 * How much audio is gathered before the bot's voice starts, and what counts as an underrun.
 *
 * <p><b>Up.</b> None at first: the runner runs ahead by its grant, and the first word should not wait. Each underrun
 * asks for more at every later start: 40 ms, then 20 ms more, up to 120 ms.
 *
 * <p><b>Down.</b> By 20 ms, and from 40 ms to none, for each 30 s of speech without an underrun, pauses not counted: a
 * caller does not notice 120 ms of delay, but he hears a gap, so it falls more slowly than it rises. Only between
 * replies.
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
    /** Speech without an underrun that takes one step down: about a minute of a dialogue. */
    static final long CALM_NANOS = 30_000_000_000L;

    private boolean speaking;
    private long beganNanos;
    private long calmNanos;
    private boolean dry;
    private long dryNanos;
    private int millis;

    /** Speech starts. */
    void began(long nowNanos) {
        speaking = true;
        beganNanos = nowNanos;
    }

    /** The queue ran out at this moment, by itself. */
    void ranDry(long nowNanos) {
        over(nowNanos);
        dry = true;
        dryNanos = nowNanos;
    }

    /** What was being said is over on purpose: what comes next is something new. */
    void forget(long nowNanos) {
        over(nowNanos);
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
            calmNanos = 0;
            millis = millis == 0 ? FIRST_MILLIS : Math.min(CEILING_MILLIS, millis + STEP_MILLIS);
        }
        while (calmNanos >= CALM_NANOS) {
            calmNanos -= CALM_NANOS;
            millis = millis <= FIRST_MILLIS ? 0 : millis - STEP_MILLIS;
        }
        return underrun;
    }

    /** What to gather before the voice starts, milliseconds. */
    int millis() {
        return millis;
    }

    private void over(long nowNanos) {
        if (speaking) {
            speaking = false;
            calmNanos += nowNanos - beganNanos;
        }
    }
}
