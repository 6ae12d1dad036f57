package org.pipecatmanager.adapter.audiosocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.ConnectionMeter;

/**
 * Writes messages to one connection, each in one write as long as the socket takes them. Belongs to the connection's loop
 * thread. Never throws for a broken connection: {@link #isBroken} tells.
 */
final class FrameWriter {
    private final WritableByteChannel channel;
    private final ByteBuffer scratch;
    private final ConnectionMeter meter;
    private @Nullable PendingFrames pending;
    private boolean full;
    private long fullSinceNanos;
    private boolean broken;

    /**
     * Makes the writer of one connection.
     *
     * @param scratch the loop's: direct, little-endian, at least {@link AudioSocketEncoder#MAX_FRAME_BYTES}
     */
    FrameWriter(WritableByteChannel channel, ByteBuffer scratch, ConnectionMeter meter) {
        this.channel = channel;
        this.scratch = scratch;
        this.meter = meter;
    }

    void audio(AudioKind kind, short[] samples, int offset, int length, long nowNanos) {
        scratch.clear();
        AudioSocketEncoder.audio(scratch, kind, samples, offset, length);
        writeScratch(nowNanos);
    }

    /** Writes the hangup message, behind the audio that still waits; nothing may follow it. */
    void hangUp(long nowNanos) {
        scratch.clear();
        AudioSocketEncoder.hangUp(scratch);
        writeScratch(nowNanos);
    }

    private void writeScratch(long nowNanos) {
        scratch.flip();
        if (broken) {
            return;
        }
        boolean hasBegun = false;
        if (!full) {
            int bytes = scratch.remaining();
            try {
                channel.write(scratch);
            } catch (IOException e) {
                broken = true;
                return;
            }
            if (!scratch.hasRemaining()) {
                return;
            }
            hasBegun = scratch.remaining() < bytes;
            full = true;
            fullSinceNanos = nowNanos;
        }
        if (pending == null) {
            pending = new PendingFrames();
        }
        countDropped(pending.add(scratch, hasBegun));
    }

    /** The socket takes more. */
    void flush() {
        if (pending == null || broken) {
            return;
        }
        try {
            full = !pending.writeTo(channel);
        } catch (IOException e) {
            broken = true;
        }
    }

    /** Gives up the audio that waits, but for a message of which a part has left. */
    void dropPending() {
        if (pending != null) {
            countDropped(pending.dropWhole());
            full = !pending.isEmpty();
        }
    }

    private void countDropped(int frames) {
        for (int i = 0; i < frames; i++) {
            meter.dropped("audio");
        }
    }

    /** Whether something waits for the socket. */
    boolean isFull() {
        return full;
    }

    /** How long, without a break, something has waited for the socket. */
    long fullForNanos(long nowNanos) {
        return full ? nowNanos - fullSinceNanos : 0;
    }

    /** Whether the connection failed at a write; everything since was thrown away. */
    boolean isBroken() {
        return broken;
    }
}
