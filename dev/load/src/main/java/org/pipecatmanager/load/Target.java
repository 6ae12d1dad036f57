package org.pipecatmanager.load;

import java.io.IOException;

/** A process that is measured, and how calls reach it. */
interface Target extends AutoCloseable {
    /** How it is called in the table. */
    String name();

    /** Its process. */
    ProcessFigures figures();

    /** Bytes its threads have allocated since its start. */
    double allocatedBytes() throws IOException, InterruptedException;

    /** Its collector's pauses since the last call. */
    GcLog.Pauses pauses() throws IOException;

    /**
     * Sets calls up, both ends of each; they are live some time later.
     *
     * @param pace how each runner speaks
     */
    void connect(Generator generator, Iterable<Call> calls, Pace pace) throws IOException, InterruptedException;

    /** Waits until nothing of the calls is left in it; answers how many are after all. */
    int settle() throws IOException, InterruptedException;

    @Override
    void close();
}
