package org.pipecatmanager.daemon.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;

/**
 * What a whole simulation measured.
 *
 * @param spacing       time between frames received, all calls together
 * @param probeLateness how late the probe's own frames were
 * @param turns         lines of a scripted caller
 */
record SimulationReport(
        List<CallReport> calls, Spread spacing, Spread probeLateness, List<Turn> turns, double probeLimitMillis) {

    /**
     * One line of a scripted caller; times are milliseconds since the call connected, -1 for "never".
     *
     * @param answeredMillis from the end of the line to the first sound of the answer
     * @param gaveWayMillis  from the start of an interruption to the last sound of the bot
     */
    record Turn(
            String file,
            boolean interrupts,
            long startMillis,
            long endMillis,
            long answeredMillis,
            long gaveWayMillis) {}

    static SimulationReport of(Simulation simulation, List<ScriptedVoice> scripted, double probeLimitMillis) {
        Spread spacing = new Spread();
        List<CallReport> reports = new ArrayList<>();
        for (SimulatedCall call : simulation.calls()) {
            spacing.addAll(call.spacing);
            reports.add(call.report());
        }
        List<Turn> turns = new ArrayList<>();
        for (ScriptedVoice voice : scripted) {
            long origin = simulation.calls().getFirst().connectedNanos();
            voice.said().forEach(said -> turns.add(turn(said, origin)));
        }
        return new SimulationReport(
                List.copyOf(reports), spacing, simulation.probeLateness(), List.copyOf(turns), probeLimitMillis);
    }

    private static Turn turn(ScriptedVoice.Said said, long origin) {
        return new Turn(
                said.file,
                said.interrupts,
                between(origin, said.firstSoundNanos),
                between(origin, said.lastSoundNanos),
                between(said.lastSoundNanos, said.answeredNanos),
                said.interrupts ? between(said.firstSoundNanos, said.gaveWayNanos) : -1);
    }

    private static long between(long fromNanos, long toNanos) {
        return fromNanos == Long.MIN_VALUE || toNanos == Long.MIN_VALUE ? -1 : (toNanos - fromNanos) / 1_000_000;
    }

    /** Whether the probe was in time, so that the figures say something about the server. */
    boolean isProbeClean() {
        return probeLateness.millis(0.99) <= probeLimitMillis;
    }

    /** Whether every call was connected, heard something, and a tone to be followed was whole. */
    boolean isWhole() {
        return calls.stream()
                .allMatch(call -> call.framesReceived() > 0
                        && !call.ended().equals("reset")
                        && !call.ended().equals("connect_failed")
                        && (call.tone() == null || call.tone().isWhole()));
    }

    private double fps(boolean smallest) {
        var all = calls.stream().mapToDouble(CallReport::framesPerSecond);
        return (smallest ? all.min() : all.max()).orElse(0);
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("ok", isWhole() && isProbeClean());
        map.put("calls", calls.size());
        map.put("frames_sent", calls.stream().mapToLong(CallReport::framesSent).sum());
        map.put(
                "frames_received",
                calls.stream().mapToLong(CallReport::framesReceived).sum());
        map.put("frames_per_second", Map.of("min", fps(true), "max", fps(false)));
        map.put("spacing_ms", spread(spacing));
        map.put("probe_late_ms", spread(probeLateness));
        map.put("probe_clean", isProbeClean());
        if (calls.stream().anyMatch(call -> call.tone() != null)) {
            map.put("frames_lost", tone(CallReport.Tone::framesLost));
            map.put("frames_repeated", tone(CallReport.Tone::framesRepeated));
            map.put("frames_inserted", tone(CallReport.Tone::framesInserted));
            map.put("jumps", tone(CallReport.Tone::jumps));
        }
        if (!turns.isEmpty()) {
            map.put("turns", turns.stream().map(SimulationReport::turnMap).toList());
        }
        map.put("per_call", calls.stream().map(CallReport::toMap).toList());
        return map;
    }

    private long tone(ToLongFunction<CallReport.Tone> figure) {
        return calls.stream()
                .map(CallReport::tone)
                .filter(Objects::nonNull)
                .mapToLong(figure)
                .sum();
    }

    private static Map<String, Object> spread(Spread spread) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("p50", spread.millis(0.5));
        map.put("p99", spread.millis(0.99));
        map.put("max", spread.maxMillis());
        return map;
    }

    private static Map<String, Object> turnMap(Turn turn) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("file", turn.file());
        map.put("interrupts", turn.interrupts());
        map.put("start_ms", turn.startMillis());
        map.put("end_ms", turn.endMillis());
        map.put("user_stop_to_bot_audio_ms", turn.answeredMillis());
        if (turn.interrupts()) {
            map.put("user_start_to_silence_ms", turn.gaveWayMillis());
        }
        return map;
    }

    /** For people. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%d call(s), %d frames heard, %.2f to %.2f frames/s, spacing p50 %.2f p99 %.2f max %.2f ms",
                calls.size(),
                calls.stream().mapToLong(CallReport::framesReceived).sum(),
                fps(true),
                fps(false),
                spacing.millis(0.5),
                spacing.millis(0.99),
                spacing.maxMillis()));
        if (calls.stream().anyMatch(call -> call.tone() != null)) {
            lines.add("tone: " + tone(CallReport.Tone::framesLost) + " frames lost, "
                    + tone(CallReport.Tone::framesRepeated) + " repeated, "
                    + tone(CallReport.Tone::framesInserted) + " of silence inserted, "
                    + tone(CallReport.Tone::jumps) + " other jumps");
        }
        for (Turn turn : turns) {
            lines.add(turn.file() + ": answered after " + turn.answeredMillis() + " ms"
                    + (turn.interrupts() ? ", bot silent after " + turn.gaveWayMillis() + " ms" : ""));
        }
        Map<String, Integer> ends = new LinkedHashMap<>();
        calls.forEach(call -> ends.merge(call.ended(), 1, Integer::sum));
        lines.add("ended: " + ends);
        lines.add(String.format(
                Locale.ROOT,
                "probe: p99 %.2f max %.2f ms late%s",
                probeLateness.millis(0.99),
                probeLateness.maxMillis(),
                isProbeClean() ? "" : ": TOO LATE, these figures say nothing about the server"));
        return lines;
    }
}
