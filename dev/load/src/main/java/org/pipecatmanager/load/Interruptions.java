package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Runners that send a second of speech at once, and interrupt it after half of it: the interruption, and new speech behind
 * it. Old and new speech have marks of their own, so that the caller's ear can tell them apart.
 */
final class Interruptions implements Speech.Voice {
    private static final int FRAMES = 50;
    /** Marks of one speech; the other half are those of the next. */
    private static final int HALF = Marks.COUNT / 2;

    private static final int TURNS = 25;
    private static final int BINARY = 2;
    /** Field 5 of a frame, empty. */
    private static final ByteBuffer INTERRUPTION = Wire.masked(BINARY, new byte[] {0x2a, 0});

    private final Ear[] ears;

    /** Runners of so many calls. */
    Interruptions(int calls) {
        ears = new Ear[calls];
        for (int slot = 0; slot < calls; slot++) {
            ears[slot] = new Ear();
        }
    }

    /** What the caller of this slot hears with. */
    Ear ear(int slot) {
        return ears[slot];
    }

    @Override
    public Speech on(Wire.Chunks wire, int slot, boolean paced) {
        return new Interrupted(wire.of(1), slot % TURNS, ears[slot]);
    }

    /**
     * Notes when the last frame of the old speech came. Told by the sender, hears on the receiver; what was told is
     * published by {@code told}, the generation before it.
     */
    static final class Ear implements Call.Hearing {
        private volatile int generation;
        private volatile long told;
        private boolean waiting;
        private long answered;
        private long lastOld;
        private final Samples lastOldAfter = new Samples(1024);
        private final Samples firstNewAfter = new Samples(1024);

        void tell(int newGeneration, long now) {
            generation = newGeneration;
            told = now;
        }

        @Override
        public void arrived(int mark, long now) {
            long since = told;
            if (since == 0 || mark < 0) {
                return;
            }
            if (since != answered) {
                answered = since;
                waiting = true;
                lastOld = since;
            }
            if (waiting && mark / HALF != generation) {
                lastOld = now;
            } else if (waiting) {
                waiting = false;
                lastOldAfter.add(lastOld - since);
                firstNewAfter.add(now - since);
            }
        }

        /** From when the interruption was written until the last frame of the old speech had come; 0 when none did. */
        Samples lastOldAfter() {
            return lastOldAfter;
        }

        /** From when the interruption was written until the first frame of the new speech had come. */
        Samples firstNewAfter() {
            return firstNewAfter;
        }
    }

    private static final class Interrupted implements Speech {
        private final ByteBuffer[] chunks;
        private final Ear ear;
        private int turn;
        private int generation;
        private boolean speaking;

        Interrupted(ByteBuffer[] chunks, int turn, Ear ear) {
            this.chunks = chunks;
            this.turn = turn;
            this.ear = ear;
        }

        @Override
        public void speak(End link, Track track, long now) throws IOException {
            if (turn == 0) {
                if (speaking) {
                    generation ^= 1;
                    ear.tell(generation, now);
                    Wire.write(link.channel(), INTERRUPTION);
                }
                for (int n = 0; n < FRAMES; n++) {
                    Wire.write(link.channel(), chunks[generation * HALF + n % HALF]);
                }
                speaking = true;
            }
            turn = turn + 1 == TURNS ? 0 : turn + 1;
        }
    }
}
