package org.pipecatmanager.ports.model;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a call was like, kept once at its end, for who asks afterwards why it was bad. No part of it holds speech.
 *
 * @param at           when it was made
 * @param audio        what its audio did; null for a call that never had a leg
 * @param marks        what happened when, in order
 * @param marksLeftOut how many more there were: of a long call the earlier ones are not kept
 */
public record CallReport(
        PipecatcallId pipecatcallId, Instant at, @Nullable Audio audio, List<Mark> marks, int marksLeftOut) {
    public CallReport {
        marks = List.copyOf(marks);
    }

    /**
     * Audio, in frames of 20 ms where nothing else is said.
     *
     * @param playedFrames      with audio of the bot, to the caller
     * @param silentFrames      without, to the caller
     * @param concealedFrames   made up to bridge a gap, to the caller
     * @param underruns         times the bot was speaking and nothing more had come
     * @param reanchored        times our clock was 60 ms late or more
     * @param worstLateMillis   the latest a frame left after its time, milliseconds
     * @param callerFrames      messages of the caller that went to the runner
     * @param callerDiscarded   messages of the caller that had no runner to go to
     * @param callerPeak        the loudest sample of the caller's, 0 to 32767, in one message of sixteen
     * @param droppedMillis     bot audio thrown away because too much had come, milliseconds
     * @param unsupportedHz     a rate of runner or leg that cannot be converted, Hz; 0 for none
     */
    public record Audio(
            long playedFrames,
            long silentFrames,
            long concealedFrames,
            long underruns,
            long reanchored,
            long worstLateMillis,
            long callerFrames,
            long callerDiscarded,
            int callerPeak,
            long droppedMillis,
            int unsupportedHz) {}

    /**
     * An event of the call without what was said.
     *
     * @param atMillis since the call was accepted, milliseconds
     * @param details  of the event, such as {@code heard_ms}; values are texts, whole numbers (as {@link Long}) and flags
     */
    public record Mark(long atMillis, EventType type, Map<String, Object> details) {
        public Mark {
            Map<String, Object> copy = new LinkedHashMap<>();
            details.forEach((key, value) ->
                    copy.put(key, value instanceof Integer number ? (Object) number.longValue() : value));
            details = Collections.unmodifiableMap(copy);
        }
    }
}
