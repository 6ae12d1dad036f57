package org.pipecatmanager.daemon.explain;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.CallReportWire;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is kept of one call. Times are milliseconds since it was accepted.
 *
 * @param status    as in the record; empty where nobody wrote one
 * @param endReason likewise
 * @param endMillis when it ended; -1 while it lives
 * @param messages  what was said
 * @param turns     latencies
 * @param report    what it was like; null while it lives, and when its daemon died
 */
public record Evidence(
        String id,
        String status,
        String endReason,
        long endMillis,
        List<Said> messages,
        List<TurnTimes> turns,
        @Nullable CallReport report) {
    /** Of whom a message is, and when it was complete. */
    public record Said(long atMillis, String speaker, String text) {}

    /**
     * One turn.
     *
     * @param atMillis when the caller stopped speaking
     * @param millis   by the names of the API, what was observed
     */
    public record TurnTimes(long number, long atMillis, Map<String, Long> millis) {
        public TurnTimes {
            millis = Map.copyOf(millis);
        }

        Optional<Long> of(String key) {
            return Optional.ofNullable(millis.get(key));
        }
    }

    public Evidence {
        messages = List.copyOf(messages);
        turns = List.copyOf(turns);
    }

    /**
     * Reads what the API answered.
     *
     * @param all {@code pipecatcall}, {@code messages}, {@code turns} and, where there is one, {@code report}
     */
    public static Evidence of(JsonNode all) {
        JsonNode call = all.path("pipecatcall");
        Instant created = time(call, "tm_create").orElse(Instant.EPOCH);
        List<Said> messages = new ArrayList<>();
        for (JsonNode message : all.path("messages")) {
            messages.add(new Said(
                    since(created, time(message, "tm_said")),
                    message.path("speaker").asString(""),
                    message.path("text").asString("")));
        }
        List<TurnTimes> turns = new ArrayList<>();
        for (JsonNode turn : all.path("turns")) {
            Map<String, Long> millis = new LinkedHashMap<>();
            turn.properties().forEach(field -> {
                if (field.getKey().endsWith("_ms") && field.getValue().isNumber()) {
                    millis.put(field.getKey(), field.getValue().asLong());
                }
            });
            turns.add(new TurnTimes(
                    turn.path("number").asLong(0), since(created, time(turn, "tm_caller_stopped")), millis));
        }
        return new Evidence(
                call.path("id").asString(""),
                call.path("status").asString(""),
                call.path("end_reason").asString(""),
                time(call, "tm_end")
                        .map(end -> since(created, Optional.of(end)))
                        .orElse(-1L),
                messages,
                turns,
                report(all.path("report")));
    }

    private static @Nullable CallReport report(JsonNode node) {
        if (!node.isObject()) {
            return null;
        }
        try {
            return CallReportWire.fromMap(
                    JsonMapper.shared().convertValue(node, new TypeReference<Map<String, Object>>() {}));
        } catch (RequestException e) {
            return null;
        }
    }

    Optional<CallReport.Audio> audio() {
        return Optional.ofNullable(report).map(CallReport::audio);
    }

    List<Mark> marks() {
        return report == null ? List.of() : report.marks();
    }

    /** Those of some types, in order. */
    List<Mark> marks(EventType... types) {
        Set<EventType> wanted = Set.of(types);
        return marks().stream().filter(mark -> wanted.contains(mark.type())).toList();
    }

    /** When caller and bot could first hear each other; -1 if never, or if that is not known. */
    long liveMillis() {
        return marks(EventType.PIPECATCALL_INITIALIZED).stream()
                .mapToLong(Mark::atMillis)
                .findFirst()
                .orElse(-1);
    }

    /** How long they could. */
    long talkMillis() {
        long live = liveMillis();
        return live < 0 || endMillis < 0 ? 0 : Math.max(0, endMillis - live);
    }

    /** Whether the caller said something, as far as anybody noticed. */
    boolean callerWasNoticed() {
        return !marks(EventType.USER_STARTED_SPEAKING, EventType.MESSAGE_USER_TRANSCRIPTION)
                        .isEmpty()
                || messages.stream().anyMatch(said -> said.speaker().equals("user"));
    }

    /** Whether the bot had something to say. */
    boolean botSpoke() {
        return !marks(EventType.BOT_STARTED_SPEAKING).isEmpty()
                || messages.stream().anyMatch(said -> said.speaker().equals("bot"))
                || turns.stream().anyMatch(turn -> turn.of("first_speech_ms").isPresent());
    }

    /** {@code +1:02.3}: a moment of the call. */
    static String at(long millis) {
        Duration since = Duration.ofMillis(Math.max(0, millis));
        return String.format(
                Locale.ROOT, "+%d:%02d.%d", since.toMinutes(), since.toSecondsPart(), since.toMillisPart() / 100);
    }

    private static long since(Instant created, Optional<Instant> moment) {
        return moment.map(at -> Duration.between(created, at).toMillis()).orElse(0L);
    }

    private static Optional<Instant> time(JsonNode node, String key) {
        try {
            String text = node.path(key).asString("");
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
