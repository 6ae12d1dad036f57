package org.pipecatmanager.daemon.sim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one simulated call measured.
 *
 * @param ended           how it ended, seen from the caller
 * @param framesUnsent    frames the socket did not take: the server does not read
 * @param framesPerSecond between the first and the last frame received
 * @param silentFrames    frames received below the threshold of sound
 * @param oddMessages     messages that are no 20 ms slin frame, and close errors
 * @param tone            continuity of a known tone, where asked for
 */
record CallReport(
        String id,
        String ended,
        long framesSent,
        long framesUnsent,
        long framesReceived,
        double framesPerSecond,
        double spacingP50Millis,
        double spacingP99Millis,
        double spacingMaxMillis,
        long bytesReceived,
        long silentFrames,
        long oddMessages,
        @Nullable Tone tone) {
    /** Frames missing, doubled, torn and silence inserted in a continuous tone. */
    record Tone(boolean heard, long framesLost, long framesRepeated, long jumps, long framesInserted) {
        boolean isWhole() {
            return heard && framesLost == 0 && framesRepeated == 0 && jumps == 0 && framesInserted == 0;
        }

        Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("heard", heard);
            map.put("frames_lost", framesLost);
            map.put("frames_repeated", framesRepeated);
            map.put("jumps", jumps);
            map.put("frames_inserted", framesInserted);
            return map;
        }
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", id);
        map.put("ended", ended);
        map.put("frames_sent", framesSent);
        map.put("frames_unsent", framesUnsent);
        map.put("frames_received", framesReceived);
        map.put("frames_per_second", framesPerSecond);
        map.put("spacing_ms", Map.of("p50", spacingP50Millis, "p99", spacingP99Millis, "max", spacingMaxMillis));
        map.put("bytes_received", bytesReceived);
        map.put("silent_frames", silentFrames);
        map.put("odd_messages", oddMessages);
        if (tone != null) {
            map.put("tone", tone.toMap());
        }
        return map;
    }
}
