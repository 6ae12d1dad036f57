package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * How a runner speaks on one link: in real time, in chunks of a length, ahead by a lead. Called every 20 ms; owned by the
 * sender.
 */
final class Speech {
    private final ByteBuffer[] chunks;
    private final int framesPerChunk;
    private int leadChunks;
    private int turn;

    /**
     * A speech.
     *
     * @param chunks         what to write for each mark a chunk begins with
     * @param framesPerChunk frames of 20 ms in a chunk
     * @param leadMillis     what is sent at once in the beginning, so that whoever plays it out does not run dry
     */
    Speech(ByteBuffer[] chunks, int framesPerChunk, int leadMillis) {
        this.chunks = chunks;
        this.framesPerChunk = framesPerChunk;
        leadChunks = leadMillis / (20 * framesPerChunk);
    }

    void speak(End link, Track track, long now) throws IOException {
        for (; leadChunks > 0; leadChunks--) {
            chunk(link, track, now);
        }
        if (turn == 0) {
            chunk(link, track, now);
        }
        turn = turn + 1 == framesPerChunk ? 0 : turn + 1;
    }

    private void chunk(End link, Track track, long now) throws IOException {
        int first = track.send(now);
        for (int i = 1; i < framesPerChunk; i++) {
            track.send(now);
        }
        Wire.write(link.channel(), chunks[first]);
    }
}
