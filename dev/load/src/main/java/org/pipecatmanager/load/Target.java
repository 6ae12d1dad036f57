package org.pipecatmanager.load;

import java.io.IOException;

/** A process that is measured, and how calls reach it. */
interface Target extends AutoCloseable {
    /** How it is called in the table. */
    String name();

    /** Whether it plays out in time what the runner sends; otherwise a frame is due when it is sent. */
    boolean paces();

    /** Whether it takes calls. */
    boolean isReady() throws IOException, InterruptedException;

    /** Its process. */
    ProcessFigures figures();

    /** Bytes its threads have allocated since its start. */
    double allocatedBytes() throws IOException, InterruptedException;

    /** Its collector's pauses since the last call. */
    GcLog.Pauses pauses() throws IOException;

    /** Sets a call up, both ends; it is live some time later. */
    void connect(Generator generator, Call call, Speech.Voice voice) throws IOException;

    /** Waits until nothing of the calls is left in it; answers how many are after all. */
    int settle() throws IOException, InterruptedException;

    @Override
    void close();
}
