package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Writes one link's frames to its socket.
 *
 * <p><b>Two ways.</b> Whoever has something to send writes it at once and by itself when the socket takes everything given before:
 * caller audio then needs no other thread, and none is woken. Otherwise it waits in the queue, and the loop drains that when
 * the socket has room. Order is kept, because the first way is open only while nothing waits for the second.
 *
 * <p><b>Threads.</b> Any thread may {@code try} to write, the loop alone drains. One at a time holds the socket; nobody waits for
 * it: who finds it held leaves its message in the queue, and the holder asks for a drain.
 */
final class LinkOutput {
    /** How draining ended. */
    enum Drained {
        /** Nothing is left. */
        ALL,
        /** The socket takes no more. */
        BLOCKED,
        /** Another thread is writing; it asks for the next drain. */
        HELD
    }

    private final WritableByteChannel channel;
    private final SendQueue queue;
    private final Queue<ByteBuffer> codecFrames;
    private final Runnable drainSoon;
    private final Runnable broken;

    private final AtomicBoolean held = new AtomicBoolean();
    private final AtomicBoolean drainMissed = new AtomicBoolean();
    private volatile boolean open;

    // Of the thread that holds the socket.
    private final ServerFrame direct = new ServerFrame();
    private @Nullable ByteBuffer unsent;

    /**
     * The output of a link that is not open yet.
     *
     * @param codecFrames frames of the codec, which go before the queue; the loop's
     * @param drainSoon   asks the loop for {@link #drain}; any thread
     * @param broken      the socket failed in a direct write; any thread
     */
    LinkOutput(
            WritableByteChannel channel,
            SendQueue queue,
            Queue<ByteBuffer> codecFrames,
            Runnable drainSoon,
            Runnable broken) {
        this.channel = channel;
        this.queue = queue;
        this.codecFrames = codecFrames;
        this.drainSoon = drainSoon;
        this.broken = broken;
    }

    /** From now on messages may be sent; loop. */
    void open() {
        open = true;
    }

    /** No message leaves any more, only what the codec has; loop. */
    void shut() {
        open = false;
    }

    /** Writes caller audio now; false when it has to wait in the queue. */
    boolean tryAudio(short[] samples, int offset, int length, int sampleRateHz) {
        return ServerFrame.holdsAudio(length)
                && acquireIfIdle()
                && write(direct.begin()
                        .audio(samples, offset, length, sampleRateHz)
                        .end());
    }

    /** Writes bare audio now; false when it has to wait in the queue. */
    boolean tryPcm(short[] samples, int offset, int length) {
        return ServerFrame.holdsAudio(length)
                && acquireIfIdle()
                && write(direct.begin().pcm(samples, offset, length).end());
    }

    /** Writes a playout report now; false when it has to wait in the queue. */
    boolean tryPlayout(long positionMillis, long limitMillis, long queuedMillis) {
        return acquireIfIdle()
                && write(direct.begin()
                        .playout(positionMillis, limitMillis, queuedMillis)
                        .end());
    }

    /** Writes a playout report and caller audio now, at once; false when they have to wait in the queue. */
    boolean tryPlayoutAndAudio(
            long positionMillis,
            long limitMillis,
            long queuedMillis,
            short[] samples,
            int offset,
            int length,
            int sampleRateHz) {
        return ServerFrame.holdsAudio(length)
                && acquireIfIdle()
                && write(direct.begin()
                        .playout(positionMillis, limitMillis, queuedMillis)
                        .audio(samples, offset, length, sampleRateHz)
                        .end());
    }

    /** Writes a frame now; false when it has to wait in the queue. */
    boolean tryFrame(byte[] frame) {
        return acquireIfIdle() && write(ByteBuffer.wrap(frame));
    }

    /** Takes the socket if what is given now may go at once. */
    private boolean acquireIfIdle() {
        if (!open || !held.compareAndSet(false, true)) {
            return false;
        }
        if (open && unsent == null && queue.isEmpty() && codecFrames.isEmpty()) {
            return true;
        }
        release();
        return false;
    }

    /** Writes while holding the socket, and lets go of it. What the socket does not take is the next drain's. */
    private boolean write(ByteBuffer frame) {
        try {
            channel.write(frame);
            if (frame.hasRemaining()) {
                unsent = frame;
                drainMissed.set(true);
            }
        } catch (IOException e) {
            broken.run();
        } finally {
            release();
        }
        return true;
    }

    private void release() {
        held.set(false);
        if (drainMissed.get() && drainMissed.getAndSet(false)) {
            drainSoon.run();
        }
    }

    /**
     * Writes what waits: what was begun, the codec's frames, the queue's. Loop.
     *
     * @throws IOException the socket failed
     */
    Drained drain() throws IOException {
        if (!acquireForDrain()) {
            return Drained.HELD;
        }
        try {
            for (ByteBuffer next = next(); next != null; next = next()) {
                channel.write(next);
                if (next.hasRemaining()) {
                    return Drained.BLOCKED;
                }
                unsent = null;
            }
            return Drained.ALL;
        } finally {
            held.set(false);
        }
    }

    private boolean acquireForDrain() {
        if (held.compareAndSet(false, true)) {
            return true;
        }
        drainMissed.set(true);
        // The holder may have let go just before it could see that.
        return held.compareAndSet(false, true);
    }

    private @Nullable ByteBuffer next() {
        if (unsent == null) {
            unsent = codecFrames.poll();
        }
        if (unsent == null && open) {
            byte[] frame = queue.poll();
            unsent = frame == null ? null : ByteBuffer.wrap(frame);
        }
        return unsent;
    }
}
