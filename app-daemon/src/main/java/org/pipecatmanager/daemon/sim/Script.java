package org.pipecatmanager.daemon.sim;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A conversation from the caller's side: a list of things to say, each with the moment to say it.
 *
 * <p>As a file:
 * <pre>
 * - after: bot_finished          # the bot has spoken and been quiet for 600 ms
 *   say: balance.wav             # relative to the script
 * - after: bot_speaking 2000     # the bot has been speaking for 2000 ms: an interruption
 *   say: stop.wav
 * - after: silence 5000          # nobody has spoken for 5000 ms
 *   hang_up: true
 * </pre>
 * After the last line the caller waits for the far end to hang up.
 */
record Script(List<Line> lines) {
    Script {
        lines = List.copyOf(lines);
    }

    /** When a line is said. */
    enum Cue {
        /** The bot has spoken since the last line and has paused. */
        BOT_FINISHED,
        /** The bot has been speaking for {@code millis}. */
        BOT_SPEAKING,
        /** Nobody has been speaking for {@code millis}. */
        SILENCE
    }

    /** One line. */
    static final class Line {
        private final Cue cue;
        private final long millis;
        private final String file;
        private final short[] samples;

        /**
         * Describes one.
         *
         * @param file    what was named, for reports; empty when the caller hangs up instead
         * @param samples 8 kHz, not copied; empty when the caller hangs up instead
         */
        Line(Cue cue, long millis, String file, short[] samples) {
            this.cue = cue;
            this.millis = millis;
            this.file = file;
            this.samples = samples;
        }

        Cue cue() {
            return cue;
        }

        long millis() {
            return millis;
        }

        String file() {
            return file;
        }

        int length() {
            return samples.length;
        }

        /** Copies samples from {@code position} on to the start of {@code target}. */
        void copy(int position, short[] target, int length) {
            System.arraycopy(samples, position, target, 0, length);
        }

        boolean hangsUp() {
            return samples.length == 0;
        }
    }

    /**
     * Reads a script and every recording it names.
     *
     * @throws IOException when something cannot be read; the message names file and line
     */
    static Script read(Path file, int rateHz) throws IOException {
        List<Map<String, Object>> raw;
        try {
            raw = new YAMLMapper().readValue(Files.readString(file), new TypeReference<List<Map<String, Object>>>() {});
        } catch (JacksonException e) {
            throw new IOException(file + " is not a list of lines: " + e.getOriginalMessage(), e);
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < raw.size(); i++) {
            try {
                lines.add(line(raw.get(i), file, rateHz));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return new Script(lines);
    }

    private static Line line(Map<String, Object> raw, Path script, int rateHz) throws IOException {
        String[] after =
                String.valueOf(raw.getOrDefault("after", "bot_finished")).split(" +", 2);
        Cue cue = switch (after[0]) {
            case "bot_finished" -> Cue.BOT_FINISHED;
            case "bot_speaking" -> Cue.BOT_SPEAKING;
            case "silence" -> Cue.SILENCE;
            default ->
                throw new IllegalArgumentException(
                        "after: '" + after[0] + "' is unknown; use bot_finished, bot_speaking <ms> or silence <ms>");
        };
        long millis = after.length > 1 ? Long.parseLong(after[1]) : 0;
        if (raw.get("say") instanceof String name) {
            short[] samples = Wav.read(script.resolveSibling(name), rateHz);
            if (samples.length == 0) {
                throw new IllegalArgumentException("say: " + name + " holds no samples");
            }
            return new Line(cue, millis, name, samples);
        }
        if (Boolean.TRUE.equals(raw.get("hang_up"))) {
            return new Line(cue, millis, "", new short[0]);
        }
        throw new IllegalArgumentException("neither 'say: FILE' nor 'hang_up: true'");
    }
}
