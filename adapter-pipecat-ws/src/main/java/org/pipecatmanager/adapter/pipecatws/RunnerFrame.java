package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;

/** What one binary message of a runner holds. */
sealed interface RunnerFrame {
    /**
     * Bot audio.
     *
     * @param pcm          16-bit little-endian mono, at least one sample; a read-only view of the message, valid as
     * long as that is
     * @param sampleRateHz 8000 to 192000
     */
    record Audio(ByteBuffer pcm, int sampleRateHz) implements RunnerFrame {}

    /** Audio sent before this is void. */
    record Interruption() implements RunnerFrame {}

    /** RTVI JSON, not yet looked at. */
    record Message(String json) implements RunnerFrame {
        /** Speech stays out of logs. */
        @Override
        public String toString() {
            return "Message[" + json.length() + " characters]";
        }
    }

    /**
     * Well-formed, but nothing a runner tells a daemon.
     *
     * @param what metric label: {@code empty_frame}, {@code empty_audio}, {@code text_frame} or {@code
     * transcription_frame}
     */
    record Ignored(String what) implements RunnerFrame {}
}
