package org.pipecatmanager.adapter.audiosocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Messages a full socket did not take: at most {@value #MOST}, 200 ms. One too many drops the oldest, never one of which a
 * part has left, since the far end would lose its place in the stream.
 */
final class PendingFrames {
    static final int MOST = 10;

    private final @Nullable ByteBuffer[] slots = new ByteBuffer[MOST];
    private int head;
    private int count;
    private boolean headHasBegun;

    /**
     * Keeps what remains of a message.
     *
     * @param message  copied from its position to its limit
     * @param hasBegun whether a part of it has left; only the first can have
     * @return how many messages were dropped to make room, 0 or 1
     */
    int add(ByteBuffer message, boolean hasBegun) {
        int dropped = 0;
        if (count == MOST) {
            dropOldestWhole();
            dropped = 1;
        }
        if (count == 0) {
            headHasBegun = hasBegun;
        }
        int place = (head + count) % MOST;
        ByteBuffer slot = slots[place];
        if (slot == null || slot.capacity() < message.remaining()) {
            slot = ByteBuffer.allocate(message.remaining());
            slots[place] = slot;
        }
        slot.clear().put(message).flip();
        count++;
        return dropped;
    }

    private void dropOldestWhole() {
        int second = (head + 1) % MOST;
        if (headHasBegun) {
            ByteBuffer begun = slots[head];
            slots[head] = slots[second];
            slots[second] = begun;
        }
        head = second;
        count--;
    }

    /** Drops every message that has not begun to leave; answers how many. */
    int dropWhole() {
        int kept = count > 0 && headHasBegun ? 1 : 0;
        int dropped = count - kept;
        count = kept;
        return dropped;
    }

    /**
     * Writes what the socket takes, oldest first.
     *
     * @return true when nothing is left
     */
    boolean writeTo(WritableByteChannel channel) throws IOException {
        while (count > 0) {
            ByteBuffer slot = slots[head];
            if (slot == null) {
                throw new IllegalStateException("message " + head + " of " + count + " pending ones is missing");
            }
            if (channel.write(slot) > 0) {
                headHasBegun = true;
            }
            if (slot.hasRemaining()) {
                return false;
            }
            headHasBegun = false;
            head = (head + 1) % MOST;
            count--;
        }
        return true;
    }

    boolean isEmpty() {
        return count == 0;
    }
}
