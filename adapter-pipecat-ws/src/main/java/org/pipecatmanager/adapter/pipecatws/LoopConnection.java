package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One socket at one stage of its life, attached to its selection key. Every method is called by the loop that owns it.
 */
interface LoopConnection {
    /**
     * Bytes may be read.
     *
     * @param scratch the loop's buffer, cleared; nothing may be kept in it
     * @throws IOException the connection is broken; {@link #broken} follows
     */
    void readable(ByteBuffer scratch) throws IOException;

    /**
     * The socket takes bytes again.
     *
     * @throws IOException the connection is broken; {@link #broken} follows
     */
    void writable() throws IOException;

    /** Looks at deadlines; called several times a second with the monotonic clock. */
    void tick(long nowNanos) throws IOException;

    /** The socket failed: let go of everything. */
    void broken();

    /** The server stops: finish within the close time-out. */
    void stop();
}
