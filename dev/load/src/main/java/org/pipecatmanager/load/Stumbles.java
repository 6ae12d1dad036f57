package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/**
 * Runners that fill the window they are granted and then stumble: every twentieth chunk comes 200 ms late, with what is behind it, and every
 * third second the runner stands still for 300 ms.
 *
 * @param stumbles false for the same runner undisturbed
 */
record Stumbles(boolean stumbles) implements Speech.Voice {
    private static final int FRAME_MILLIS = 20;
    private static final int LATE_EVERY_FRAMES = 20;
    private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final int STALL_EVERY_FRAMES = 150;
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    /** The first half second is not disturbed: the window is filled then. */
    private static final int UNDISTURBED_FRAMES = 25;

    @Override
    public Speech on(Wire.Chunks wire, int slot, boolean paced) {
        return new Granted(wire.of(1), stumbles, slot);
    }

    private static final class Granted implements Speech {
        private final ByteBuffer[] chunks;
        private final boolean stumbles;
        private final int slot;
        private volatile long limitMillis;
        private long sent;
        private long next;
        private long blockedUntil;

        Granted(ByteBuffer[] chunks, boolean stumbles, int slot) {
            this.chunks = chunks;
            this.stumbles = stumbles;
            this.slot = slot;
            next = UNDISTURBED_FRAMES;
        }

        @Override
        public void granted(long limit) {
            limitMillis = Math.max(limitMillis, limit);
        }

        @Override
        public void speak(End link, Track track, long now) throws IOException {
            if (now - blockedUntil < 0) {
                return;
            }
            for (; (sent + 1) * FRAME_MILLIS <= limitMillis; sent++) {
                if (stumbles && sent == next) {
                    boolean stall = (sent + slot) % STALL_EVERY_FRAMES < LATE_EVERY_FRAMES;
                    blockedUntil = now + (stall ? STALL_NANOS : LATE_NANOS);
                    next += LATE_EVERY_FRAMES;
                    return;
                }
                Wire.write(link.channel(), chunks[track.send(now)]);
            }
        }
    }
}
