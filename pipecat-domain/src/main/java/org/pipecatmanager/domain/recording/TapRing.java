package org.pipecatmanager.domain.recording;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import org.pipecatmanager.domain.audio.AudioTap;

/**
 * Carries both edges of a leg from its loop to the recording's writer: pieces with their moment, in order. What does not fit is
 * lost and counted; neither side ever waits. Allocates nothing after construction.
 *
 * <p><b>Threads.</b> The loop writes, one other thread reads. {@code tail} publishes what was written, {@code head} what was read.
 */
final class TapRing implements AudioTap {
    /** Over four seconds at 16 kHz both ways, over one at 48 kHz: eight and two rounds of the writer. */
    static final int CAPACITY = 1 << 17;

    private static final int MASK = CAPACITY - 1;
    /** Edge, length (2), rate (2), moment (4). */
    private static final int HEAD_SHORTS = 9;

    private static final int LOW = 0xffff;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Takes what is read. */
    interface Reader {
        /**
         * One piece.
         *
         * @param samples of the ring's reader, valid during the call
         */
        void piece(boolean caller, long nanos, int sampleRateHz, short[] samples, int length);
    }

    private final short[] ring = new short[CAPACITY];
    private final AtomicLong head = new AtomicLong();
    private final AtomicLong tail = new AtomicLong();
    private final AtomicLong lostNanos = new AtomicLong();
    private volatile boolean ended;
    /** Of the reader. */
    private short[] piece = new short[1024];

    @Override
    public void caller(long nowNanos, ByteBuffer pcm, int sampleRateHz) {
        int length = pcm.remaining() / Short.BYTES;
        long at = begin(true, nowNanos, sampleRateHz, length);
        if (at < 0) {
            return;
        }
        boolean swap = pcm.order() == ByteOrder.BIG_ENDIAN;
        int from = pcm.position();
        for (int i = 0; i < length; i++) {
            short sample = pcm.getShort(from + i * Short.BYTES);
            put(at + i, swap ? Short.reverseBytes(sample) : sample);
        }
        tail.setRelease(at + length);
    }

    @Override
    public void heard(long nowNanos, short[] frame, int length, int sampleRateHz, boolean bot) {
        long at = begin(false, nowNanos, sampleRateHz, length);
        if (at < 0) {
            return;
        }
        int place = (int) at & MASK;
        int first = Math.min(length, CAPACITY - place);
        System.arraycopy(frame, 0, ring, place, first);
        System.arraycopy(frame, first, ring, 0, length - first);
        tail.setRelease(at + length);
    }

    @Override
    public void ended() {
        ended = true;
    }

    /** Writes the head of a piece; answers where its samples go, or -1 when there is no room for it. */
    private long begin(boolean caller, long nanos, int sampleRateHz, int length) {
        long at = tail.getPlain();
        if (HEAD_SHORTS + length > CAPACITY - (at - head.getAcquire())) {
            lostNanos.setRelease(lostNanos.getPlain() + length * NANOS_PER_SECOND / sampleRateHz);
            return -1;
        }
        put(at, (short) (caller ? 1 : 0));
        put(at + 1, (short) length);
        put(at + 2, (short) (length >> Short.SIZE));
        put(at + 3, (short) sampleRateHz);
        put(at + 4, (short) (sampleRateHz >> Short.SIZE));
        for (int i = 0; i < Long.BYTES / Short.BYTES; i++) {
            put(at + 5 + i, (short) (nanos >> (i * Short.SIZE)));
        }
        return at + HEAD_SHORTS;
    }

    private void put(long at, short value) {
        ring[(int) at & MASK] = value;
    }

    private int get(long at) {
        return ring[(int) at & MASK] & LOW;
    }

    // ---- the reader

    /** Whether the leg is gone: what is read after that is all there will be. */
    boolean isEnded() {
        return ended;
    }

    /** What was lost so far, of both edges together. */
    long lostMillis() {
        return lostNanos.getAcquire() / 1_000_000;
    }

    /** Hands over everything that is in it. */
    void read(Reader reader) {
        long end = tail.getAcquire();
        long at = head.getPlain();
        while (at < end) {
            boolean caller = get(at) == 1;
            int length = get(at + 1) | get(at + 2) << Short.SIZE;
            int sampleRateHz = get(at + 3) | get(at + 4) << Short.SIZE;
            long nanos = 0;
            for (int i = 0; i < Long.BYTES / Short.BYTES; i++) {
                nanos |= (long) get(at + 5 + i) << (i * Short.SIZE);
            }
            if (piece.length < length) {
                piece = new short[length];
            }
            int place = (int) (at + HEAD_SHORTS) & MASK;
            int first = Math.min(length, CAPACITY - place);
            System.arraycopy(ring, place, piece, 0, first);
            System.arraycopy(ring, 0, piece, first, length - first);
            at += HEAD_SHORTS + length;
            head.setRelease(at);
            reader.piece(caller, nanos, sampleRateHz, piece, length);
        }
    }
}
