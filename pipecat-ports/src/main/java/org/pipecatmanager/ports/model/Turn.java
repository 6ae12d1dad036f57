package org.pipecatmanager.ports.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The latency ledger of one turn: what happened when, from the moment the caller stopped speaking. What did not happen, or
 * was not observed, is null.
 *
 * @param number            1, 2, 3… within the call
 * @param kind              what the caller heard first
 * @param callerStopped     when the caller's voice stopped; for the greeting, when the call became live
 * @param endOfTurnMillis   the turn was decided to be over
 * @param transcriptMillis  the final transcript arrived
 * @param firstTokenMillis  the model's first piece of text arrived
 * @param firstSpeechMillis the first byte of the bot's speech arrived
 * @param firstFrameMillis  the first frame of it was written to the caller's socket
 * @param bargeInMillis     the runner told that the caller interrupted
 * @param lastOldFrameMillis the last frame of the interrupted speech was written
 * @param figures            what the runner measured of it
 */
public record Turn(
        PipecatcallId pipecatcallId,
        int number,
        Kind kind,
        Instant callerStopped,
        @Nullable Long endOfTurnMillis,
        @Nullable Long transcriptMillis,
        @Nullable Long firstTokenMillis,
        @Nullable Long firstSpeechMillis,
        @Nullable Long firstFrameMillis,
        @Nullable Long bargeInMillis,
        @Nullable Long lastOldFrameMillis,
        Figures figures) {
    /** A turn of which the runner told no figures. */
    public Turn(
            PipecatcallId pipecatcallId,
            int number,
            Kind kind,
            Instant callerStopped,
            @Nullable Long endOfTurnMillis,
            @Nullable Long transcriptMillis,
            @Nullable Long firstTokenMillis,
            @Nullable Long firstSpeechMillis,
            @Nullable Long firstFrameMillis,
            @Nullable Long bargeInMillis,
            @Nullable Long lastOldFrameMillis) {
        this(
                pipecatcallId,
                number,
                kind,
                callerStopped,
                endOfTurnMillis,
                transcriptMillis,
                firstTokenMillis,
                firstSpeechMillis,
                firstFrameMillis,
                bargeInMillis,
                lastOldFrameMillis,
                Figures.NONE);
    }

    /** What was heard. Stored: add, never rename. */
    public enum Kind {
        /** The bot spoke first. */
        GREETING,
        /** The model's answer. */
        ANSWER,
        /** A bridge such as "one moment" before a slow tool's answer. */
        FILLER
    }

    /**
     * The runner's own numbers of a turn; null for what it did not tell.
     *
     * @param sttMillis        how long the recogniser took for the transcript
     * @param llmTtfbMillis    from the first request to the model until its first byte
     * @param ttsTtfbMillis    from the first request to the voice until its first byte
     * @param promptTokens     of all requests of the turn
     * @param completionTokens of all requests of the turn
     * @param ttsCharacters    of all requests of the turn
     */
    public record Figures(
            @Nullable Long sttMillis,
            @Nullable Long llmTtfbMillis,
            @Nullable Long ttsTtfbMillis,
            @Nullable Long promptTokens,
            @Nullable Long completionTokens,
            @Nullable Long ttsCharacters) {
        /** Nothing is known. */
        public static final Figures NONE = new Figures(null, null, null, null, null, null);
    }
}
