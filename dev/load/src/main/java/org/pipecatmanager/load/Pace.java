package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Runners that speak in real time.
 *
 * @param chunkMillis length of what is sent at once, a multiple of 20
 * @param leadMillis  how far ahead of real time where somebody plays it out; sent at once in the beginning
 */
record Pace(int chunkMillis, int leadMillis) implements Speech.Voice {
    private static final int FRAME_MILLIS = 20;

    Pace {
        if (chunkMillis < FRAME_MILLIS || chunkMillis % FRAME_MILLIS != 0 || chunkMillis > 200) {
            throw new IllegalArgumentException("the chunk size is " + chunkMillis
                    + " ms; give a multiple of 20 up to 200, such as 20 (what python-runner sends) or 40");
        }
    }

    @Override
    public Speech on(Wire.Chunks wire, int slot, boolean paced) {
        int frames = chunkMillis / FRAME_MILLIS;
        return new Steady(wire.of(frames), frames, paced ? leadMillis / chunkMillis : 0);
    }

    private static final class Steady implements Speech {
        private final ByteBuffer[] chunks;
        private final int frames;
        private int lead;
        private int turn;

        Steady(ByteBuffer[] chunks, int frames, int lead) {
            this.chunks = chunks;
            this.frames = frames;
            this.lead = lead;
        }

        @Override
        public void speak(End link, Track track, long now) throws IOException {
            for (; lead > 0; lead--) {
                chunk(link, track, now);
            }
            if (turn == 0) {
                chunk(link, track, now);
            }
            turn = turn + 1 == frames ? 0 : turn + 1;
        }

        private void chunk(End link, Track track, long now) throws IOException {
            int first = track.send(now);
            for (int i = 1; i < frames; i++) {
                track.send(now);
            }
            Wire.write(link.channel(), chunks[first]);
        }
    }
}
