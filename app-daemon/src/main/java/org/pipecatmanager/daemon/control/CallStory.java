package org.pipecatmanager.daemon.control;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A call for people: what it was, what was said when, how fast the bot was, how it ended. */
final class CallStory {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd HH:mm:ss.SSS 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int LINE = 78;
    private static final String MARGIN = " ".repeat(20);
    private static final List<String> TITLES =
            List.of("end of turn", "transcript", "first token", "first speech", "first sound", "barge-in", "silent");
    private static final List<String> FIGURE_TITLES =
            List.of("stt ms", "llm ms", "tts ms", "tokens in", "tokens out", "characters");
    private static final List<String> FIGURE_KEYS =
            List.of("stt_ms", "llm_ttfb_ms", "tts_ttfb_ms", "prompt_tokens", "completion_tokens", "tts_characters");
    private static final List<String> KEYS = List.of(
            "end_of_turn_ms",
            "transcript_ms",
            "first_token_ms",
            "first_speech_ms",
            "first_frame_ms",
            "barge_in_ms",
            "last_old_frame_ms");

    private final StringBuilder text = new StringBuilder();
    private final @Nullable Instant began;

    private CallStory(@Nullable Instant began) {
        this.began = began;
    }

    /** The record, what was said and the turns, each as the API has it. */
    static JsonNode gather(ControlTarget target, String call) throws ControlFailure, InterruptedException {
        ObjectNode all = JsonMapper.shared().createObjectNode();
        all.set("pipecatcall", target.ask("GET", call, null));
        all.set("messages", target.ask("GET", call + "/messages", null).path("result"));
        all.set("turns", target.ask("GET", call + "/turns", null).path("result"));
        return all;
    }

    /** The same, and what the call was like, where that is kept. */
    static JsonNode gatherWithReport(ControlTarget target, String call) throws ControlFailure, InterruptedException {
        ObjectNode all = (ObjectNode) gather(target, call);
        try {
            all.set("report", target.ask("GET", call + "/report", null));
        } catch (ControlFailure e) {
            // None is kept: the call lives, its daemon died, or is an older version.
            if (e.exitCode() != ControlFailure.REFUSED) {
                throw e;
            }
        }
        return all;
    }

    /** The text for what {@link #gather} answered. */
    static String of(JsonNode all) {
        JsonNode call = all.path("pipecatcall");
        CallStory story = new CallStory(time(call, "tm_create"));
        story.head(call);
        story.said(all.path("messages"));
        story.turns(all.path("turns"));
        return story.text.toString().stripTrailing();
    }

    private void head(JsonNode call) {
        String status = string(call, "status");
        String reason = string(call, "end_reason");
        line("call " + string(call, "id"));
        field("status", (status.isEmpty() ? "unknown" : status) + (reason.isEmpty() ? "" : ": " + reason));
        field("agent", string(call, "agent"));
        String type = string(call, "reference_type");
        field("for", type.isEmpty() ? "" : type + " " + string(call, "reference_id"));
        field("host", string(call, "host_id"));
        field("model", string(call, "llm_type"));
        field("hears with", string(call, "stt_type") + " " + string(call, "stt_language"));
        field("speaks with", string(call, "tts_type") + " " + string(call, "tts_voice_id"));
        Instant ended = time(call, "tm_end");
        field("began", began == null ? "" : CLOCK.format(began));
        field("ended", ended == null ? "" : CLOCK.format(ended) + lasted(ended));
    }

    private String lasted(Instant ended) {
        return began == null ? "" : ", after " + length(Duration.between(began, ended));
    }

    private void said(JsonNode messages) {
        line("");
        if (messages.isEmpty()) {
            line("nothing that was said is kept");
            return;
        }
        line("said");
        for (JsonNode message : messages) {
            String speaker = switch (string(message, "speaker")) {
                case "user" -> "caller";
                case "message" -> "text in";
                default -> string(message, "speaker");
            };
            String cutOff = message.path("interrupted").asBoolean(false) ? " [cut off]" : "";
            String estimated = message.path("estimated").asBoolean(false) ? " [about]" : "";
            wrapped(
                    String.format(Locale.ROOT, "  %9s  %-7s", offset(time(message, "tm_said")), speaker),
                    string(message, "text") + cutOff + estimated);
        }
    }

    private void turns(JsonNode turns) {
        line("");
        if (turns.isEmpty()) {
            line("no turns are kept");
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        List<String> titles = new ArrayList<>(List.of("#", "heard", "at"));
        titles.addAll(TITLES);
        rows.add(titles);
        for (JsonNode turn : turns) {
            List<String> row = new ArrayList<>();
            row.add(string(turn, "number"));
            row.add(string(turn, "kind"));
            row.add(offset(time(turn, "tm_caller_stopped")));
            KEYS.forEach(key -> row.add(string(turn, key)));
            rows.add(row);
        }
        line("turns, in milliseconds since the caller stopped");
        table(rows);
        figures(turns);
    }

    /** What the runner measured, where it did. */
    private void figures(JsonNode turns) {
        List<List<String>> rows = new ArrayList<>();
        List<String> titles = new ArrayList<>(List.of("#", "heard"));
        titles.addAll(FIGURE_TITLES);
        rows.add(titles);
        for (JsonNode turn : turns) {
            if (FIGURE_KEYS.stream().anyMatch(turn::has)) {
                List<String> row = new ArrayList<>(List.of(string(turn, "number"), string(turn, "kind")));
                FIGURE_KEYS.forEach(key -> row.add(string(turn, key)));
                rows.add(row);
            }
        }
        if (rows.size() > 1) {
            line("");
            line("measured by the runner: recogniser, model and voice until their first byte, and what they used");
            table(rows);
        }
    }

    /** Columns as wide as their widest cell; what was not observed is a dash. */
    private void table(List<List<String>> rows) {
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(other -> other.get(at).length())
                        .max()
                        .orElse(1);
                String cell = row.get(column).isEmpty() ? "-" : row.get(column);
                String format = column == 1 ? " %-" + width + "s" : " %" + width + "s";
                line.append(String.format(Locale.ROOT, format, cell));
            }
            line(line.toString());
        }
    }

    private void field(String name, String value) {
        if (!value.isBlank()) {
            line(String.format(Locale.ROOT, "  %-12s %s", name, value.strip()));
        }
    }

    /** Words in lines of {@value #LINE} columns, the later ones under the first word. */
    private void wrapped(String head, String words) {
        StringBuilder line = new StringBuilder(head);
        for (String word : words.strip().split("\\s+", -1)) {
            if (line.length() + word.length() > LINE && line.length() > MARGIN.length()) {
                line(line.toString());
                line = new StringBuilder(MARGIN);
            }
            line.append(' ').append(word);
        }
        line(line.toString());
    }

    private void line(String line) {
        text.append(line.stripTrailing()).append(System.lineSeparator());
    }

    private String offset(@Nullable Instant time) {
        return time == null || began == null ? "" : "+" + length(Duration.between(began, time));
    }

    /** {@code 1:02:03.4}, {@code 2:03.4}. */
    private static String length(Duration duration) {
        Duration tenths = duration.isNegative() ? Duration.ZERO : duration;
        String minutes = tenths.toHours() > 0
                ? String.format(Locale.ROOT, "%d:%02d", tenths.toHours(), tenths.toMinutesPart())
                : String.valueOf(tenths.toMinutesPart());
        return String.format(Locale.ROOT, "%s:%02d.%d", minutes, tenths.toSecondsPart(), tenths.toMillisPart() / 100);
    }

    private static @Nullable Instant time(JsonNode node, String key) {
        try {
            String text = node.path(key).asString("");
            return text.isEmpty() ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /** A value as text that a terminal shows and does not obey. */
    private static String string(JsonNode node, String key) {
        return node.path(key).asString("").replaceAll("\\p{Cntrl}", " ");
    }
}
