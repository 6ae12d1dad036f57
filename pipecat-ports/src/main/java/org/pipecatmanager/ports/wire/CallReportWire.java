package org.pipecatmanager.ports.wire;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.CallReport.Audio;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;

/** What a call was like. Stored and answered in one form: add keys, never rename. */
public final class CallReportWire {
    private CallReportWire() {}

    /**
     * Keys in order: {@code pipecatcall_id}, {@code tm_create}, {@code audio} ({@code played_frames}, {@code silent_frames},
     * {@code concealed_frames}, {@code underruns}, {@code reanchored}, {@code worst_late_ms}, {@code caller_frames},
     * {@code caller_discarded}, {@code caller_peak}, {@code dropped_ms}, {@code unsupported_hz}; left out for a call without a
     * leg), {@code marks} (each {@code at_ms}, {@code type} as that of the event, and its details), {@code marks_left_out}.
     */
    public static Map<String, @Nullable Object> toMap(CallReport report) {
        var marks = new ArrayList<Map<String, @Nullable Object>>();
        for (var mark : report.marks()) {
            var map = new MapWriter()
                    .always("at_ms", mark.atMillis())
                    .always("type", mark.type().wireName())
                    .map();
            map.putAll(mark.details());
            marks.add(map);
        }
        var audio = report.audio();
        return new MapWriter()
                .uuid("pipecatcall_id", report.pipecatcallId().value())
                .time("tm_create", report.at())
                .given("audio", audio == null ? null : audio(audio))
                .always("marks", marks)
                .always("marks_left_out", report.marksLeftOut())
                .map();
    }

    private static Map<String, @Nullable Object> audio(Audio audio) {
        return new MapWriter()
                .always("played_frames", audio.playedFrames())
                .always("silent_frames", audio.silentFrames())
                .always("concealed_frames", audio.concealedFrames())
                .always("underruns", audio.underruns())
                .always("reanchored", audio.reanchored())
                .always("worst_late_ms", audio.worstLateMillis())
                .always("caller_frames", audio.callerFrames())
                .always("caller_discarded", audio.callerDiscarded())
                .always("caller_peak", audio.callerPeak())
                .always("dropped_ms", audio.droppedMillis())
                .always("unsupported_hz", audio.unsupportedHz())
                .map();
    }

    /**
     * The reverse; a mark of a type that a newer version wrote is left out.
     *
     * @throws org.pipecatmanager.ports.out.RequestException it is none
     */
    public static CallReport fromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        PipecatcallId id = reader.callId("pipecatcall_id");
        Instant at = reader.time("tm_create");
        var marks = new ArrayList<Mark>();
        int leftOut = reader.wholeNumber("marks_left_out");
        for (var each : reader.objects("marks")) {
            EventType type = type(each.get("type"));
            if (type == null) {
                leftOut++;
                continue;
            }
            var details = new LinkedHashMap<String, Object>(each);
            details.remove("at_ms");
            details.remove("type");
            marks.add(new Mark(number(each, "at_ms"), type, details));
        }
        return new CallReport(
                id, at == null ? Instant.EPOCH : at, audio(reader.freeObject("audio")), List.copyOf(marks), leftOut);
    }

    private static @Nullable Audio audio(Map<String, Object> map) {
        return map.isEmpty()
                ? null
                : new Audio(
                        number(map, "played_frames"),
                        number(map, "silent_frames"),
                        number(map, "concealed_frames"),
                        number(map, "underruns"),
                        number(map, "reanchored"),
                        number(map, "worst_late_ms"),
                        number(map, "caller_frames"),
                        number(map, "caller_discarded"),
                        (int) number(map, "caller_peak"),
                        number(map, "dropped_ms"),
                        (int) number(map, "unsupported_hz"));
    }

    private static long number(Map<String, Object> map, String key) {
        return map.get(key) instanceof Number number ? number.longValue() : 0;
    }

    private static @Nullable EventType type(@Nullable Object name) {
        try {
            return EventType.valueOf(String.valueOf(name).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
