package org.pipecatmanager.domain.audio;

/**
 * Goes on with a voice whose audio has not come, and leads back into it: one stream of one sample rate.
 *
 * <p><b>A gap.</b> The last 10 to 25 ms, a whole number of pitch periods, are repeated: 10 ms at full strength, then
 * fading to nothing at {@link #LONGEST_MILLIS}. The period is the lag of the best correlation between 2.5 and 15 ms
 * (66 to 400 Hz); a sound without one repeats its last 15 ms. The first made-up sample joins the last one heard
 * without a step.
 *
 * <p><b>Back.</b> When the audio comes the period is completed first, so that both are in phase, then one is faded
 * into the other within 8 ms. Every sample of the stream is heard, later by the gap.
 *
 * <p><b>An end.</b> Samples do not say whether a reply is over or late; its loudness does, mostly: sentences end
 * quietly. Where the last 10 ms are below -42 dBFS nothing is made up but a fade of 5 ms, and not even that where the
 * last sample is near zero. A reply that ends aloud is followed by its last vowel, fading, for 60 ms; a gap in a quiet
 * sound stays a gap.
 *
 * <p><b>A start</b> in mid wave is faded in within 3 ms. Audio that starts near zero and has no gap passes unchanged.
 *
 * <p><b>Threads and memory.</b> One owner at a time. Allocates nothing after construction. Work per sample only to
 * remember it; the search is done once per gap and takes some microseconds.
 */
final class Concealment {
    /** The longest gap that is filled, as in ITU-T G.711 Appendix I: beyond it a repeated sound is no voice. */
    static final int LONGEST_MILLIS = 60;
    /** A step this small is not heard as a click: -54 dBFS. */
    static final int NO_STEP = 64;
    /** Root mean square from which a sound is taken for cut off, not ended: -42 dBFS. */
    static final int LOUD = 256;

    private static final int HOLD_MILLIS = 10;
    private static final int BACK_MILLIS = 8;
    private static final int QUIET_FADE_MILLIS = 5;
    private static final int START_MILLIS = 3;
    private static final int LOUDNESS_MILLIS = 10;
    private static final int WINDOW_MILLIS = 20;
    private static final int LONGEST_LAG_MILLIS = 15;
    private static final int PAST_MILLIS = 40;
    /** From this correlation on a sound has a pitch. */
    private static final double PERIODIC = 0.5;
    /** The search looks at this many samples per second; the lag found is then made exact. */
    private static final int SEARCH_HZ = 8000;
    /** 12-bit samples: the products of 20 ms of them add up to less than 2^31. */
    private static final int THIN_SHIFT = 4;

    private final int perMilli;
    private final int shortestLag;
    /** The last samples of the stream, as they came: sample {@code n} at {@code n & mask}. */
    private final short[] past;

    private final int mask;
    private final short[] loop;
    /** What the search looks at: every {@code stride}th sample, by so much smaller that sums of products fit. */
    private final short[] thin;

    private final int stride;

    private long remembered;
    private int lastHeard;

    private State state = State.STREAM;
    private int loopLength;
    /** 0 for none. */
    private int period;
    /** Between the last sample heard and what the loop has before its first one. */
    private int step;

    private int hold;
    private int end;
    private int made;
    private int owed;
    private int blended;
    private int blend;

    private enum State {
        /** The stream as it is, or being led into. */
        STREAM,
        /** Made up. */
        GAP,
        /** Audio has come; what is still made up completes the period. */
        COMPLETING
    }

    Concealment(int hz) {
        perMilli = Math.ceilDiv(hz, 1000);
        shortestLag = hz / 400;
        past = new short[Integer.highestOneBit(PAST_MILLIS * perMilli - 1) << 1];
        mask = past.length - 1;
        stride = Math.max(1, perMilli * 1000 / SEARCH_HZ);
        thin = new short[PAST_MILLIS * perMilli / stride];
        loop = new short[(HOLD_MILLIS + LONGEST_LAG_MILLIS) * perMilli];
    }

    /** What comes next is the beginning of a stream. */
    void reset() {
        remembered = 0;
        lastHeard = 0;
        state = State.STREAM;
        made = 0;
        end = 0;
        blended = 0;
        blend = 0;
    }

    /** The stream has no more samples for now, or none at all. */
    void cut() {
        if (state == State.GAP) {
            return;
        }
        if (loud()) {
            hold = HOLD_MILLIS * perMilli;
            end = LONGEST_MILLIS * perMilli;
        } else {
            hold = 0;
            end = Math.abs(lastHeard) < NO_STEP ? 0 : QUIET_FADE_MILLIS * perMilli;
        }
        made = 0;
        state = State.GAP;
        if (end > 0) {
            prepareLoop();
        }
    }

    /** Whether there is more to make up. */
    boolean sounds() {
        return state == State.GAP && made < end;
    }

    /**
     * Makes up samples after a {@link #cut}.
     *
     * @return how many were written; fewer than asked for at the end of the longest gap
     */
    int make(short[] out, int count) {
        int length = Math.min(count, end - made);
        for (int i = 0; i < length; i++) {
            out[i] = (short) next();
        }
        if (length > 0) {
            lastHeard = out[length - 1];
        }
        return length;
    }

    /**
     * Audio has come: what has to be made up before it.
     *
     * @return samples written; 0 when the stream's own are next
     */
    int complete(short[] out, int count) {
        if (state == State.STREAM) {
            return 0;
        }
        if (state == State.GAP) {
            state = State.COMPLETING;
            owed = period == 0 ? 0 : Math.min((period - made % period) % period, end - made);
        }
        int length = make(out, Math.min(count, owed));
        owed -= length;
        if (length == 0) {
            state = State.STREAM;
            blended = 0;
            blend = BACK_MILLIS * perMilli;
        }
        return length;
    }

    /** The next samples of the stream, changed where it is led into. */
    void heard(short[] samples, int count) {
        if (count == 0) {
            return;
        }
        if (remembered == 0 && Math.abs(samples[0]) >= NO_STEP) {
            blended = 0;
            blend = START_MILLIS * perMilli;
        }
        remember(samples, count);
        for (int i = 0; i < count && blended < blend; i++) {
            float share = smooth((blended + 0.5F) / blend);
            float other = made < end ? next() : 0;
            samples[i] = (short) Math.round(other + share * (samples[i] - other));
            blended++;
        }
        lastHeard = samples[count - 1];
    }

    private void remember(short[] samples, int count) {
        int from = Math.max(0, count - past.length);
        int at = (int) (remembered + from) & mask;
        int first = Math.min(count - from, past.length - at);
        System.arraycopy(samples, from, past, at, first);
        System.arraycopy(samples, from + first, past, 0, count - from - first);
        remembered += count;
    }

    /** Sample {@code i} before the end of the stream; 1 is the last one. */
    private int before(int i) {
        return past[(int) (remembered - i) & mask];
    }

    private int known() {
        return (int) Math.min(remembered, (long) PAST_MILLIS * perMilli);
    }

    private boolean loud() {
        int count = Math.min(known(), LOUDNESS_MILLIS * perMilli);
        long sum = 0;
        for (int i = 1; i <= count; i++) {
            sum += (long) before(i) * before(i);
        }
        return count > 0 && sum >= (long) LOUD * LOUD * count;
    }

    private int next() {
        float joined = loop[made % loopLength] + step * Math.max(0, 1 - (float) made / shortestLag);
        float gain = made < hold ? 1 : 1 - smooth((made - hold + 0.5F) / (end - hold));
        made++;
        return Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(joined * gain)));
    }

    /** Fills the loop and mends the place where its end meets its beginning. */
    private void prepareLoop() {
        int known = known();
        period = findPeriod(known);
        int mended = Math.min(period == 0 ? shortestLag : period / 4, known / 4);
        loopLength = period == 0
                ? Math.max(1, Math.min(LONGEST_LAG_MILLIS * perMilli, known - mended))
                : period * Math.ceilDiv(HOLD_MILLIS * perMilli, period);
        if (loopLength + mended > known) {
            loopLength = Math.max(1, Math.min(period, known - mended));
        }
        for (int i = 0; i < loopLength; i++) {
            loop[i] = (short) before(loopLength - i);
        }
        for (int i = 0; i < mended; i++) {
            float share = (i + 1F) / (mended + 1);
            int at = loopLength - mended + i;
            loop[at] = (short) Math.round(loop[at] + share * (before(loopLength + mended - i) - loop[at]));
        }
        step = lastHeard - (loopLength < known ? before(loopLength + 1) : loop[loopLength - 1]);
    }

    /** The lag, in samples, at which the last of {@code known} samples are most like those before; 0 for none. */
    private int findPeriod(int known) {
        int longest = Math.min(LONGEST_LAG_MILLIS * perMilli, known / 2);
        int window = Math.min(WINDOW_MILLIS * perMilli, known - longest);
        int coarse = roughLag(longest, window);
        if (coarse == 0) {
            return 0;
        }
        int best = 0;
        double most = PERIODIC;
        for (int lag = Math.max(shortestLag, coarse - stride + 1); lag < coarse + stride && lag <= longest; lag++) {
            double likeness = likeness(lag, window);
            if (likeness > most) {
                most = likeness;
                best = lag;
            }
        }
        return best;
    }

    /** The lag with the best correlation, looking at every {@code stride}th sample; 0 where all are against it. */
    private int roughLag(int longestLag, int windowLength) {
        int longest = longestLag / stride;
        int window = windowLength / stride;
        int shortest = shortestLag / stride;
        if (longest < shortest || window == 0) {
            return 0;
        }
        for (int i = 0; i < window + longest; i++) {
            thin[longest + window - 1 - i] = (short) (before(1 + i * stride) >> THIN_SHIFT);
        }
        int best = 0;
        double most = 0;
        long late = dot(longest, longest, window);
        long early = dot(longest - shortest, longest - shortest, window);
        for (int lag = shortest; lag <= longest; lag++) {
            int product = dot(longest, longest - lag, window);
            double likeness = product <= 0 ? 0 : product / Math.sqrt((double) late * early);
            if (likeness > most) {
                most = likeness;
                best = lag;
            }
            if (lag < longest) {
                int gone = thin[longest - lag + window - 1];
                int come = thin[longest - lag - 1];
                early += come * come - gone * gone;
            }
        }
        return best * stride;
    }

    private int dot(int one, int other, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += thin[one + i] * thin[other + i];
        }
        return sum;
    }

    /** Correlation of the last {@code window} samples with those {@code lag} earlier, -1 to 1. */
    private double likeness(int lag, int window) {
        long product = 0;
        long late = 0;
        long early = 0;
        for (int i = 1; i <= window; i++) {
            int a = before(i);
            int b = before(i + lag);
            product += (long) a * b;
            late += (long) a * a;
            early += (long) b * b;
        }
        return late == 0 || early == 0 ? 0 : product / Math.sqrt((double) late * early);
    }

    /** From 0 to 1 without a corner at either end. */
    private static float smooth(float t) {
        return t * t * (3 - 2 * t);
    }
}
