package org.pipecatmanager.ports.fake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;

/** A leg's media without a bridge: keeps what the caller says, plays silence or the frames a test gives, 20 ms apart. */
public final class FakeLegMedia implements LegMedia {
    private static final long FRAME_NANOS = AudioFormat.FRAME_MILLIS * 1_000_000L;
    /** From here on lateness is not made up for: three frames. */
    private static final long REANCHOR_NANOS = 3 * FRAME_NANOS;

    /** What one call of {@code callerAudio} brought. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, and a test wants the samples
    public record Heard(short[] samples, AudioFormat format) {}

    private final Recorded<Heard> heard = new Recorded<>();
    private final Recorded<Character> keys = new Recorded<>();
    private final Recorded<LegEnd> ends = new Recorded<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<short[]> frames = new ArrayDeque<>();
    private volatile boolean endAsked;

    // Of the loop thread.
    private boolean started;
    private boolean ended;
    private long deadline;

    @Override
    public void callerAudio(ByteBuffer pcm, AudioFormat format) {
        var samples = new short[pcm.remaining() / 2];
        pcm.order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        heard.add(new Heard(samples, format));
    }

    @Override
    public void pressed(char key) {
        keys.add(key);
    }

    @Override
    public long tick(long nowNanos, FrameSink sink) {
        if (endAsked) {
            if (!ended) {
                ended = true;
                sink.end();
            }
            return nowNanos + FRAME_NANOS;
        }
        if (!started || nowNanos - deadline >= REANCHOR_NANOS) {
            started = true;
            deadline = nowNanos;
        }
        while (nowNanos - deadline >= 0) {
            var frame = next(sink.format().samplesPerFrame());
            sink.audio(frame, 0, frame.length);
            deadline += FRAME_NANOS;
        }
        return deadline;
    }

    @Override
    public void closed(LegEnd how) {
        ends.add(how);
    }

    /** Plays a frame after those given before; it is cut or filled up to the length the leg wants. */
    public void play(short[] frame) {
        lock.lock();
        try {
            frames.add(frame.clone());
        } finally {
            lock.unlock();
        }
    }

    /** The leg is ended at the next tick. */
    public void end() {
        endAsked = true;
    }

    /** What the caller said, piece by piece. */
    public List<Heard> heard() {
        return heard.all();
    }

    /** Waits until that many pieces came. */
    public List<Heard> awaitHeard(int count) {
        return heard.awaitCount(count, "pieces of caller audio");
    }

    /** The keys pressed. */
    public List<Character> keys() {
        return keys.all();
    }

    /** Waits until that many keys were pressed. */
    public List<Character> awaitKeys(int count) {
        return keys.awaitCount(count, "keys");
    }

    /** Waits for the end of the leg. */
    public LegEnd awaitClosed() {
        return ends.await(end -> true, "the end of the leg");
    }

    /** Every end told; more than one is a defect. */
    public List<LegEnd> ends() {
        return ends.all();
    }

    private short[] next(int samples) {
        lock.lock();
        try {
            var frame = frames.poll();
            return frame == null ? new short[samples] : Arrays.copyOf(frame, samples);
        } finally {
            lock.unlock();
        }
    }
}
