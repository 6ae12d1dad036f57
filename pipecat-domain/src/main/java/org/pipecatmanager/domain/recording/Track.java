package org.pipecatmanager.domain.recording;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.Resampler;

/**
 * One edge of a leg on the clock of the recording: pieces are set where they belong, gaps are silence.
 *
 * <p>Sound comes evenly, its packets do not: a piece may be late, never early. Its place is therefore what was said before it, plus
 * an offset that is the least lateness of all pieces at hand. Packets that were held up and come all at once lie where they would
 * have been; a pause in what is sent, which the later pieces share, is a pause. The two ends' clocks drift apart by some samples a
 * second: when that makes {@value #SLACK_MILLIS} ms, as much is left out or filled in.
 *
 * <p>Belongs to the writer's thread.
 */
final class Track {
    static final int SLACK_MILLIS = 10;

    /** Samples at the recording's rate, and where the clock was when they came. */
    private static final class Piece {
        private final long lateness;
        private final long said;
        private final short[] samples;

        Piece(long lateness, long said, short[] samples) {
            this.lateness = lateness;
            this.said = said;
            this.samples = samples;
        }
    }

    private final int rateHz;
    private final int slack;
    private final ArrayDeque<Piece> waiting = new ArrayDeque<>();
    private @Nullable Resampler resampler;
    /** Samples that came, at the recording's rate. */
    private long said;

    private boolean begun;
    private long offset;

    private short[] placed = new short[4096];
    private int placedLength;
    /** Where the clock is for the first of {@code placed}. */
    private long taken;

    private long droppedSamples;

    Track(int rateHz) {
        this.rateHz = rateHz;
        this.slack = rateHz * SLACK_MILLIS / 1000;
    }

    /**
     * A piece came.
     *
     * @param clock where the recording's clock was, samples
     */
    void add(long clock, int sampleRateHz, short[] samples, int length) {
        short[] converted = convert(sampleRateHz, samples, length);
        waiting.add(new Piece(clock - said, said, converted));
        said += converted.length;
    }

    private short[] convert(int sampleRateHz, short[] samples, int length) {
        if (sampleRateHz == rateHz) {
            return Arrays.copyOf(samples, length);
        }
        Resampler stream = resampler;
        if (stream == null || stream.inHz() != sampleRateHz) {
            stream = Resampler.between(sampleRateHz, rateHz);
            resampler = stream;
        }
        short[] out = new short[stream.maxOutput(length)];
        int count = stream.process(samples, 0, length, out, 0);
        return count == out.length ? out : Arrays.copyOf(out, count);
    }

    /** Sets everything that belongs before {@code horizon}; what is empty before it is silent from now on. */
    void placeUntil(long horizon) {
        for (Piece first = waiting.peek(); first != null; first = waiting.peek()) {
            long settled = settledOffset();
            if (settled + first.said >= horizon) {
                break;
            }
            offset = settled;
            begun = true;
            place(offset + first.said, first.samples);
            waiting.remove();
        }
        if (end() < horizon) {
            silence((int) (horizon - end()));
        }
    }

    /** Where the clock is when the last piece at hand is over. */
    long lastEnd() {
        return waiting.isEmpty() ? end() : Math.max(end(), settledOffset() + said);
    }

    private long settledOffset() {
        long least = Long.MAX_VALUE;
        for (Piece piece : waiting) {
            least = Math.min(least, piece.lateness);
        }
        return begun && Math.abs(least - offset) <= slack ? offset : least;
    }

    private void place(long at, short[] samples) {
        if (at > end()) {
            silence((int) (at - end()));
        }
        int covered = (int) Math.min(samples.length, end() - at);
        droppedSamples += covered;
        reserve(samples.length - covered);
        System.arraycopy(samples, covered, placed, placedLength, samples.length - covered);
        placedLength += samples.length - covered;
    }

    private void silence(int samples) {
        reserve(samples);
        Arrays.fill(placed, placedLength, placedLength + samples, (short) 0);
        placedLength += samples;
    }

    private void reserve(int samples) {
        if (placedLength + samples > placed.length) {
            placed = Arrays.copyOf(placed, Math.max(2 * placed.length, placedLength + samples));
        }
    }

    private long end() {
        return taken + placedLength;
    }

    /** How many samples are set and were not taken. */
    int ready() {
        return placedLength;
    }

    /** Takes samples out, every second place of {@code out} from {@code first} on. */
    void take(short[] out, int first, int samples) {
        for (int i = 0; i < samples; i++) {
            out[first + 2 * i] = placed[i];
        }
        System.arraycopy(placed, samples, placed, 0, placedLength - samples);
        placedLength -= samples;
        taken += samples;
    }

    /** What was left out, because its place was taken: the other end's clock is faster, or it came seconds late. */
    long droppedSamples() {
        return droppedSamples;
    }
}
