package org.pipecatmanager.daemon.tape;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * What one call has to be written, until the writer's thread takes it.
 *
 * <p><b>Threads.</b> Adding is for all, never blocks and takes no lock: the order of adding is the order of the tape. Taking is for
 * the writer's thread alone.
 *
 * <p><b>Bound.</b> {@value #MAX_WAITING_BYTES} bytes wait; what comes beyond is dropped and counted, and the tape says where.
 */
final class Tape {
    /** Some 20 s of a call: a disk that stalls longer loses. */
    static final int MAX_WAITING_BYTES = 4 * 1024 * 1024;

    private final PipecatcallId id;
    private final TimeSource time;
    private final long begun;
    private final ConcurrentLinkedQueue<Entry> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingBytes = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    /** The call itself, and each connection that is open. */
    private final AtomicInteger parts = new AtomicInteger(1);

    private volatile boolean stopped;

    Tape(PipecatcallId id, TimeSource time) {
        this.id = id;
        this.time = time;
        this.begun = time.nanoTime();
    }

    PipecatcallId id() {
        return id;
    }

    /** A moment of the daemon's monotonic clock as the tape has it. */
    long at(long nanoTime) {
        return nanoTime - begun;
    }

    long now() {
        return at(time.nanoTime());
    }

    void add(Kind kind, Map<String, Object> data) {
        add(new Entry(now(), kind, data));
    }

    void add(Entry entry) {
        if (stopped) {
            return;
        }
        if (waitingBytes.addAndGet(entry.weight()) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-entry.weight());
            lost.incrementAndGet();
            return;
        }
        waiting.add(entry);
    }

    /** Sound from position to limit; the buffer stays as it is. */
    void add(Kind kind, ByteBuffer pcm, int sampleRateHz) {
        byte[] bytes = new byte[pcm.remaining()];
        pcm.get(pcm.position(), bytes);
        sound(kind, bytes, sampleRateHz);
    }

    void add(Kind kind, short[] samples, int offset, int length, int sampleRateHz) {
        ByteBuffer bytes = ByteBuffer.allocate(length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(samples, offset, length);
        sound(kind, bytes.array(), sampleRateHz);
    }

    private void sound(Kind kind, byte[] pcm, int sampleRateHz) {
        add(new Entry(now(), kind, Map.of("rate", sampleRateHz), pcm));
    }

    /** Takes the next entry; null when none waits. */
    @Nullable
    Entry take() {
        Entry entry = waiting.poll();
        if (entry != null) {
            waitingBytes.addAndGet(-entry.weight());
        }
        return entry;
    }

    /** How many were dropped since this was asked last. */
    int takeLost() {
        return lost.getAndSet(0);
    }

    /** Nothing is taken on any more: the file cannot be written, or is full. */
    void stop() {
        stopped = true;
        waiting.clear();
    }

    boolean isStopped() {
        return stopped;
    }

    void partOpened() {
        parts.incrementAndGet();
    }

    void partClosed() {
        parts.decrementAndGet();
    }

    /** Whether the call and all its connections are over. */
    boolean isOver() {
        return parts.get() <= 0;
    }
}
