package org.pipecatmanager.ports.out;

import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * Keeps the sound of calls: 16-bit stereo, left what the caller said, right what it heard.
 *
 * <p><b>Threads.</b> Safe for all, except that one {@link Recording} is written by one thread at a time. May block on a disk.
 *
 * <p><b>Failures.</b> {@link StoreException}: nothing more can be kept of that recording; what was written stays.
 *
 * <p>Passes {@code RecordingsContract}.
 */
public interface Recordings {
    /**
     * Begins the recording of a call.
     *
     * @throws StoreException there is no room, or the call has one
     */
    Recording begin(PipecatcallId id, int sampleRateHz);

    /** The recording of a call; of one that goes on, what was written so far. Empty where there is none, or no more. */
    Optional<Wav> find(PipecatcallId id);

    /**
     * Deletes recordings that were last written to before a moment.
     *
     * @return how many
     */
    int deleteBefore(Instant moment);

    /** A recording that goes on. Whatever happens to the process, what was written can be played. */
    interface Recording {
        /**
         * Appends samples, left and right by turns.
         *
         * @param length how many of both together; even
         */
        void write(short[] interleaved, int offset, int length);

        /** Nothing more comes; idempotent. */
        void close();
    }

    /**
     * A file that can be played.
     *
     * @param bytes    its length
     * @param content  the file; whoever asked closes it
     * @param complete nothing more comes: {@link Recording#close} was called, or who wrote it is gone
     */
    record Wav(long bytes, InputStream content, boolean complete) {}
}
