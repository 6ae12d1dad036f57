package org.pipecatmanager.adapter.mysql;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.mysql.JournalEntry.Event;
import org.pipecatmanager.adapter.mysql.JournalEntry.RecordUpdate;
import org.pipecatmanager.adapter.mysql.JournalEntry.ReportKept;
import org.pipecatmanager.adapter.mysql.JournalEntry.Said;
import org.pipecatmanager.adapter.mysql.JournalEntry.TurnKept;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.wire.CallReportWire;
import org.pipecatmanager.ports.wire.PipecatcallWire;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Entries as JSON in UTF-8, for the spool. Read again by the next release: add keys, never rename. */
final class EntryCodec {
    /** Of the file as a whole; another number is another format. */
    private static final int FORMAT = 1;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT = new TypeReference<>() {};

    private EntryCodec() {}

    /** What a segment begins with: whose entries it holds. */
    static byte[] header(HostInstance owner) {
        return bytes(new LinkedHashMap<>(
                Map.of("format", FORMAT, "host_id", owner.hostId(), "instance_id", owner.instanceId())));
    }

    /**
     * The reverse.
     *
     * @throws IllegalArgumentException when it is none, or of a format we do not know
     */
    static HostInstance owner(byte[] header) {
        var map = map(header);
        if (number(map, "format") != FORMAT) {
            throw new IllegalArgumentException("format is " + map.get("format") + ", not " + FORMAT);
        }
        return new HostInstance(text(map, "host_id"), text(map, "instance_id"));
    }

    static byte[] encode(Stamped stamped) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        map.put("number", stamped.number());
        map.put("kind", stamped.entry().kind());
        switch (stamped.entry()) {
            case RecordUpdate update -> map.put("record", PipecatcallWire.toMap(update.record()));
            case Event event -> {
                var entry = event.entry();
                map.put("message_id", entry.messageId().toString());
                map.put("pipecatcall_id", entry.pipecatcallId().toString());
                map.put("type", entry.type());
                map.put("sequence", entry.sequence());
                map.put("body", entry.body());
                map.put("lasting", entry.lasting());
                map.put("traceparent", Columns.traceparent(entry.trace()));
                map.put("at", event.at().toString());
            }
            case Said said -> {
                var message = said.message();
                map.put("pipecatcall_id", message.pipecatcallId().toString());
                map.put("position", message.position());
                map.put("speaker", message.speaker().name());
                map.put("text", message.text());
                map.put("at", message.at().toString());
                map.put("interrupted", message.interrupted());
                map.put("estimated", message.estimated());
            }
            case ReportKept kept -> map.put("report", CallReportWire.toMap(kept.report()));
            case TurnKept kept -> {
                var turn = kept.turn();
                map.put("pipecatcall_id", turn.pipecatcallId().toString());
                map.put("turn", turn.number());
                map.put("turn_kind", turn.kind().name());
                map.put("caller_stopped", turn.callerStopped().toString());
                map.put("end_of_turn_ms", turn.endOfTurnMillis());
                map.put("transcript_ms", turn.transcriptMillis());
                map.put("first_token_ms", turn.firstTokenMillis());
                map.put("first_speech_ms", turn.firstSpeechMillis());
                map.put("first_frame_ms", turn.firstFrameMillis());
                map.put("barge_in_ms", turn.bargeInMillis());
                map.put("last_old_frame_ms", turn.lastOldFrameMillis());
                map.put("stt_ms", turn.figures().sttMillis());
                map.put("llm_ttfb_ms", turn.figures().llmTtfbMillis());
                map.put("tts_ttfb_ms", turn.figures().ttsTtfbMillis());
                map.put("prompt_tokens", turn.figures().promptTokens());
                map.put("completion_tokens", turn.figures().completionTokens());
                map.put("tts_characters", turn.figures().ttsCharacters());
            }
        }
        return bytes(map);
    }

    /** @throws RuntimeException when it is not one of ours */
    static Stamped decode(byte[] json) {
        var map = map(json);
        var entry = switch (text(map, "kind")) {
            case "record" -> new RecordUpdate(PipecatcallWire.fromMap(object(map, "record")));
            case "event" ->
                new Event(
                        new OutboxEntry(
                                UUID.fromString(text(map, "message_id")),
                                call(map),
                                text(map, "type"),
                                number(map, "sequence"),
                                text(map, "body"),
                                flag(map, "lasting"),
                                map.get("traceparent") instanceof String trace ? Columns.trace(trace) : null),
                        Instant.parse(text(map, "at")));
            case "message" ->
                new Said(new SpokenMessage(
                        call(map),
                        Math.toIntExact(number(map, "position")),
                        SpokenMessage.Speaker.valueOf(text(map, "speaker")),
                        text(map, "text"),
                        Instant.parse(text(map, "at")),
                        flag(map, "interrupted"),
                        Boolean.TRUE.equals(map.get("estimated"))));
            case "turn" ->
                new TurnKept(new Turn(
                        call(map),
                        Math.toIntExact(number(map, "turn")),
                        Turn.Kind.valueOf(text(map, "turn_kind")),
                        Instant.parse(text(map, "caller_stopped")),
                        count(map, "end_of_turn_ms"),
                        count(map, "transcript_ms"),
                        count(map, "first_token_ms"),
                        count(map, "first_speech_ms"),
                        count(map, "first_frame_ms"),
                        count(map, "barge_in_ms"),
                        count(map, "last_old_frame_ms"),
                        new Turn.Figures(
                                count(map, "stt_ms"),
                                count(map, "llm_ttfb_ms"),
                                count(map, "tts_ttfb_ms"),
                                count(map, "prompt_tokens"),
                                count(map, "completion_tokens"),
                                count(map, "tts_characters"))));
            case "report" -> new ReportKept(CallReportWire.fromMap(object(map, "report")));
            default -> throw new IllegalArgumentException("kind '" + map.get("kind") + "' is unknown");
        };
        return new Stamped(number(map, "number"), entry);
    }

    private static byte[] bytes(Map<String, ?> map) {
        return JSON.writeValueAsBytes(map);
    }

    private static Map<String, @Nullable Object> map(byte[] json) {
        return JSON.readValue(new String(json, StandardCharsets.UTF_8), OBJECT);
    }

    private static PipecatcallId call(Map<String, @Nullable Object> map) {
        return PipecatcallId.parse(text(map, "pipecatcall_id"));
    }

    private static String text(Map<String, @Nullable Object> map, String key) {
        if (map.get(key) instanceof String text) {
            return text;
        }
        throw missing(key);
    }

    private static long number(Map<String, @Nullable Object> map, String key) {
        if (map.get(key) instanceof Number number) {
            return number.longValue();
        }
        throw missing(key);
    }

    private static boolean flag(Map<String, @Nullable Object> map, String key) {
        if (map.get(key) instanceof Boolean flag) {
            return flag;
        }
        throw missing(key);
    }

    private static Map<String, Object> object(Map<String, @Nullable Object> map, String key) {
        if (!(map.get(key) instanceof Map<?, ?> object)) {
            throw missing(key);
        }
        var copy = new LinkedHashMap<String, Object>();
        object.forEach((name, value) -> copy.put(String.valueOf(name), value));
        return copy;
    }

    private static @Nullable Long count(Map<String, @Nullable Object> map, String key) {
        return map.get(key) instanceof Number number ? (Long) number.longValue() : null;
    }

    private static IllegalArgumentException missing(String key) {
        return new IllegalArgumentException("key '" + key + "' is missing or of another type");
    }
}
