package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Runners that send a second of speech at once, every second, each call at a moment of its own. */
record Bursts() implements Speech.Voice {
    private static final int FRAMES = 50;

    @Override
    public Speech on(Wire.Chunks wire, int slot, boolean paced) {
        return new Burst(wire.of(1), slot % FRAMES);
    }

    private static final class Burst implements Speech {
        private final ByteBuffer[] chunks;
        private int turn;

        Burst(ByteBuffer[] chunks, int turn) {
            this.chunks = chunks;
            this.turn = turn;
        }

        @Override
        public void speak(End link, Track track, long now) throws IOException {
            if (turn == 0) {
                for (int n = 0; n < FRAMES; n++) {
                    Wire.write(link.channel(), chunks[track.send(now)]);
                }
            }
            turn = turn + 1 == FRAMES ? 0 : turn + 1;
        }
    }
}
