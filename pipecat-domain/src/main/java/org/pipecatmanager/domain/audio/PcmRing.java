package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * The bot's audio between the runner's link and the leg's loop: a bounded lock-free ring of 16-bit samples.
 *
 * <p><b>Bound.</b> {@link #CAPACITY_MILLIS} of audio. When full, the oldest is dropped and counted; it counts into
 * the position, because nobody will hear it any more. Memory starts at 4 kB, doubles as audio piles up, and is given
 * back when a large ring has run empty.
 *
 * <p><b>Rates.</b> A change of rate travels in the stream, as a {@link Segment} from a sample index on. Audio at a
 * rate the resampler does not have, or beyond {@link #MAX_SEGMENTS} changes at a time, is dropped on arrival and
 * counts like the rest.
 *
 * <p><b>Interruptions</b> overtake: each leaves the index up to which everything is of an old generation; the
 * consumer asks for it before every frame.
 *
 * <p><b>Threads.</b> One producer (the link's thread; a later link's thread may follow once the earlier has handed
 * over) and one consumer (the leg's loop). Neither ever waits for the other. Who writes what:
 * <ul>
 *   <li>producer: {@code samples}, {@code written}, {@code received}, {@code dropped}, {@code boundaries}, {@code
 *       interruptions}, {@code unsupportedHz}, the list of segments; privately {@code oldest}, {@code newest}, {@code
 *       live}, {@code end};
 *   <li>consumer: {@code position}; privately {@code current}, {@code answered};
 *   <li>both: {@code read}, by compare-and-set: the consumer takes samples, the producer drops them. The consumer
 *       copies first and takes then; when the producer was faster the copy is thrown away and the consumer starts
 *       again.
 * </ul>
 */
final class PcmRing {
    /**
     * Most that is kept, milliseconds. Our runner never has more than its grant here; foreign ones may send a whole
     * answer at once.
     */
    static final int CAPACITY_MILLIS = 30_000;
    /** Most changes of rate in what is kept. */
    static final int MAX_SEGMENTS = 64;
    /** Most interruptions answered one by one between two ticks; of more, the oldest go without an answer. */
    static final int MAX_INTERRUPTIONS = 64;

    /** 128 ms at 16 kHz. */
    private static final int INITIAL_SAMPLES = 2048;
    /** An empty ring larger than this gives its memory back: 2 s at 16 kHz. */
    private static final int KEPT_SAMPLES = 1 << 15;

    private static final long CAPACITY_TICKS = WireTime.ticks(CAPACITY_MILLIS);

    private volatile short[] samples = new short[INITIAL_SAMPLES];
    /** Index of the next sample to write. */
    private final AtomicLong written = new AtomicLong();
    /** Index of the next sample to read. */
    private final AtomicLong read = new AtomicLong();
    /** All audio that ever came, ticks; published after the samples. */
    private final AtomicLong received = new AtomicLong();
    /** Dropped because of a bound or an unknown rate, ticks. */
    private final AtomicLong dropped = new AtomicLong();
    /** Everything before it was read, flushed or dropped, ticks; as the consumer last saw it. */
    private final AtomicLong position = new AtomicLong();
    /**
     * Sample index of interruption {@code n} at {@code n % MAX_INTERRUPTIONS}. An overwritten one holds a later
     * index.
     */
    private final AtomicLongArray boundaries = new AtomicLongArray(MAX_INTERRUPTIONS);

    private final AtomicLong interruptions = new AtomicLong();
    private volatile int unsupportedHz;

    private Segment oldest = new Segment(0, 0, 0);
    private Segment newest = oldest;
    private int live;
    /** Ticks received up to the next sample, those without samples included. */
    private long end;

    private Segment current = oldest;
    private long answered;

    /**
     * From sample {@code index}, at {@code ticks} of audio, the rate is {@code hz}. The list only grows; readers drop
     * its head.
     */
    private static final class Segment {
        final long index;
        final long ticks;
        final int hz;
        final long perSample;
        volatile @Nullable Segment next;

        Segment(long index, long ticks, int hz) {
            this.index = index;
            this.ticks = ticks;
            this.hz = hz;
            this.perSample = hz == 0 ? 0 : WireTime.ticksPerSample(hz);
        }

        long ticksAt(long sample) {
            return ticks + (sample - index) * perSample;
        }

        /** The segment at or after this one that {@code sample} lies in. */
        Segment at(long sample) {
            Segment segment = this;
            for (Segment n = segment.next; n != null && n.index <= sample; n = segment.next) {
                segment = n;
            }
            return segment;
        }
    }

    /**
     * Producer: appends audio.
     *
     * @param pcm 16-bit little-endian mono; read by index, its position and byte order stay
     */
    void write(ByteBuffer pcm, int sampleRateHz) {
        int count = pcm.remaining() / 2;
        if (count == 0 || sampleRateHz <= 0) {
            return;
        }
        long perSample = WireTime.ticksPerSample(sampleRateHz);
        long length = count * perSample;
        if (!accepts(sampleRateHz)) {
            end += length;
            received.setRelease(end);
            drop(length);
            return;
        }
        int skipped = (int) Math.max(0, Math.ceilDiv(length - CAPACITY_TICKS, perSample));
        end += skipped * perSample;
        drop(skipped * perSample + makeRoom(length - skipped * perSample));
        append(pcm, pcm.position() + 2 * skipped, count - skipped, sampleRateHz);
    }

    /** Producer: everything written so far is of an old generation. */
    void interrupt() {
        long n = interruptions.getPlain();
        boundaries.setRelease((int) (n % MAX_INTERRUPTIONS), written.getPlain());
        interruptions.setRelease(n + 1);
    }

    /** Consumer: rate of the next sample, Hz; 0 when there is none. */
    int headHz() {
        long from = read.getAcquire();
        if (from >= written.getAcquire()) {
            return 0;
        }
        current = current.at(from);
        return current.hz;
    }

    /**
     * Consumer: takes the next samples, as far as they are of one rate.
     *
     * @param sampleRateHz the rate wanted
     * @return how many; 0 when there are none or the next is of another rate
     */
    int read(short[] out, int length, int sampleRateHz) {
        while (true) {
            long from = read.getAcquire();
            long to = Math.min(written.getAcquire(), from + length);
            short[] array = samples;
            current = current.at(from);
            Segment next = current.next;
            if (next != null) {
                to = Math.min(to, next.index);
            }
            int count = (int) (to - from);
            if (count <= 0 || current.hz != sampleRateHz) {
                return 0;
            }
            int at = (int) from & (array.length - 1);
            int first = Math.min(count, array.length - at);
            System.arraycopy(array, at, out, 0, first);
            System.arraycopy(array, 0, out, first, count - first);
            if (read.compareAndSet(from, to)) {
                return count;
            }
        }
    }

    /** Consumer: whether an interruption waits for {@link #flush()}. */
    boolean interrupted() {
        return answered != interruptions.getAcquire();
    }

    /**
     * Consumer: takes the oldest interruption that was not answered yet and drops everything before it.
     *
     * @return false when there is none
     */
    boolean flush() {
        long known = interruptions.getAcquire();
        if (answered == known) {
            return false;
        }
        answered = Math.max(answered, known - MAX_INTERRUPTIONS);
        long boundary = boundaries.getAcquire((int) (answered % MAX_INTERRUPTIONS));
        answered++;
        long from = read.getAcquire();
        while (from < boundary && !read.compareAndSet(from, boundary)) {
            from = read.getAcquire();
        }
        return true;
    }

    /** Consumer: everything before this was read, flushed or dropped, ticks. */
    long advancePosition() {
        // received before written: all of it is in the ring, or was, by the time written is read.
        long all = received.getAcquire();
        long to = written.getAcquire();
        long from = read.getAcquire();
        current = current.at(from);
        long reached = current.ticksAt(from);
        long now = from >= to ? Math.max(reached, all) : reached;
        position.setRelease(now);
        return now;
    }

    /** Any thread: the last {@link #advancePosition()}, ticks. */
    long position() {
        return position.getAcquire();
    }

    /** Any thread: all audio that ever came, ticks. */
    long received() {
        return received.getAcquire();
    }

    /** Any thread: dropped because of a bound or an unknown rate, ticks. */
    long dropped() {
        return dropped.getAcquire();
    }

    /** Any thread: the last rate that cannot be converted, Hz; 0 when none came. */
    int unsupportedHz() {
        return unsupportedHz;
    }

    private boolean accepts(int hz) {
        if (continues(hz)) {
            return true;
        }
        if (!WireTime.supports(hz)) {
            unsupportedHz = hz;
            return false;
        }
        forgetRead(read.getAcquire());
        return live < MAX_SEGMENTS;
    }

    /** Whether the next sample follows the last one written, at the same rate and with nothing dropped in between. */
    private boolean continues(int hz) {
        return hz == newest.hz && newest.ticksAt(written.getPlain()) == end;
    }

    private void append(ByteBuffer pcm, int at, int count, int hz) {
        long to = written.getPlain();
        short[] array = roomFor(to, count);
        boolean swap = pcm.order() == ByteOrder.BIG_ENDIAN;
        int mask = array.length - 1;
        for (int i = 0; i < count; i++) {
            short sample = pcm.getShort(at + 2 * i);
            array[(int) (to + i) & mask] = swap ? Short.reverseBytes(sample) : sample;
        }
        if (!continues(hz)) {
            Segment segment = new Segment(to, end, hz);
            newest.next = segment;
            newest = segment;
            live++;
        }
        end += count * newest.perSample;
        written.setRelease(to + count);
        received.setRelease(end);
    }

    /** The ring's array, with room for {@code count} more samples. */
    private short[] roomFor(long to, int count) {
        short[] array = samples;
        long from = read.getAcquire();
        long needed = to - from + count;
        boolean shrink = from == to && array.length > KEPT_SAMPLES && needed <= INITIAL_SAMPLES;
        if (needed <= array.length && !shrink) {
            return array;
        }
        short[] other = new short[Math.max(INITIAL_SAMPLES, Integer.highestOneBit((int) needed - 1) << 1)];
        for (long i = from; i < to; i++) {
            other[(int) i & (other.length - 1)] = array[(int) i & (array.length - 1)];
        }
        samples = other;
        return other;
    }

    /** Drops the oldest samples until {@code length} more ticks fit; ticks dropped. */
    private long makeRoom(long length) {
        while (true) {
            long from = read.getAcquire();
            long to = written.getPlain();
            forgetRead(from);
            long first = oldest.ticksAt(from);
            long over = end - first + length - CAPACITY_TICKS;
            if (from == to || over <= 0) {
                return 0;
            }
            long target = first + over;
            Segment segment = oldest;
            for (Segment n = segment.next; n != null && n.ticks <= target; n = segment.next) {
                segment = n;
            }
            Segment next = segment.next;
            long last = next == null ? to : next.index;
            long index = segment.index + Math.ceilDiv(target - segment.ticks, Math.max(1, segment.perSample));
            long upTo = Math.min(last, index);
            if (read.compareAndSet(from, upTo)) {
                return segment.ticksAt(upTo) - first;
            }
        }
    }

    private void forgetRead(long from) {
        for (Segment n = oldest.next; n != null && n.index <= from; n = oldest.next) {
            oldest = n;
            live--;
        }
    }

    private void drop(long ticks) {
        dropped.setRelease(dropped.getPlain() + ticks);
    }
}
