package org.pipecatmanager.daemon.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.daemon.explain.Evidence.TurnTimes;
import org.pipecatmanager.ports.model.CallReport.Mark;

/** How long the caller waited, and for whom. */
final class PaceRules {
    /** A part of a turn: what it is, from where on it is slow, and what to do. */
    private record Part(String title, long limitMillis, String remedy) {}

    private static final Map<String, Part> PARTS = parts();

    private PaceRules() {}

    private static Map<String, Part> parts() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put(
                "end_of_turn_ms",
                new Part(
                        "deciding that the caller had finished",
                        Limits.SLOW_END_OF_TURN_MILLIS,
                        "turn.stop, turn.silence_secs, vad.stop_secs of the agent (docs/turns.md)"));
        parts.put(
                "stt_ms",
                new Part(
                        "the recogniser",
                        Limits.SLOW_STT_MILLIS,
                        "a streaming recogniser, a smaller model, or more cores for a local one"));
        parts.put(
                "llm_ttfb_ms",
                new Part(
                        "the language model",
                        Limits.SLOW_LLM_MILLIS,
                        "a faster model or region, a shorter prompt; its provider's status page"));
        parts.put(
                "tts_ttfb_ms",
                new Part(
                        "the voice",
                        Limits.SLOW_TTS_MILLIS,
                        "a voice that streams, a nearer region, more cores for a local one"));
        return parts;
    }

    /** One cause for each part that was slow in one of four turns, or in one that was late altogether. */
    static List<Cause> slowParts(Evidence call) {
        List<Cause> causes = new ArrayList<>();
        PARTS.forEach((key, part) -> {
            List<TurnTimes> measured = call.turns().stream()
                    .filter(turn -> turn.of(key).isPresent())
                    .toList();
            List<TurnTimes> slow = measured.stream()
                    .filter(turn -> turn.of(key).orElse(0L) > part.limitMillis())
                    .toList();
            boolean late = slow.stream().anyMatch(PaceRules::isLate);
            if (!slow.isEmpty() && (late || slow.size() * Limits.ONE_SLOW_IN >= measured.size())) {
                causes.add(Cause.of(
                        "slow_" + key.substring(0, key.indexOf('_')),
                        part.title() + " was slow in " + slow.size() + " of " + measured.size() + " turns",
                        slow.stream()
                                .map(turn -> Evidence.at(turn.atMillis()) + " turn " + turn.number() + ": "
                                        + turn.of(key).orElse(0L) + " ms, more than " + part.limitMillis())
                                .toList(),
                        part.remedy()));
            }
        });
        return causes;
    }

    /** Answers that were late, of which no part is known to be slow. */
    static Optional<Cause> slowAnswers(Evidence call) {
        List<String> evidence = call.turns().stream()
                .filter(PaceRules::isLate)
                .filter(turn -> PARTS.entrySet().stream()
                        .noneMatch(part -> turn.of(part.getKey()).orElse(0L)
                                > part.getValue().limitMillis()))
                .map(turn -> Evidence.at(turn.atMillis()) + " turn " + turn.number() + ": first sound after "
                        + turn.of("first_frame_ms").orElse(0L) + " ms" + steps(turn))
                .toList();
        return evidence.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Cause.of(
                                "slow_answers",
                                "the bot answered late, and no one part alone was slow",
                                evidence,
                                "see where the time went: tools before the answer, many small delays, a runner without processor time"));
    }

    /** Both silent after the caller had finished. */
    static Optional<Cause> deadAir(Evidence call) {
        List<String> evidence = new ArrayList<>();
        long quietSince = -1;
        for (Mark mark : call.marks()) {
            switch (mark.type()) {
                case USER_STOPPED_SPEAKING -> quietSince = mark.atMillis();
                case USER_STARTED_SPEAKING, BOT_STARTED_SPEAKING -> {
                    note(evidence, quietSince, mark.atMillis());
                    quietSince = -1;
                }
                default -> {}
            }
        }
        note(evidence, quietSince, call.endMillis());
        return evidence.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Cause.of(
                                "dead_air",
                                "the caller had finished, and the bot said nothing",
                                evidence,
                                "provider errors, slow parts and tools say why, where they are known; a transcript that never came leaves"
                                        + " the bot without a question; waiting sentences and idle reminders bridge it (docs/turns.md)"));
    }

    private static void note(List<String> evidence, long from, long to) {
        if (from >= 0 && to - from >= Limits.DEAD_AIR_MILLIS) {
            evidence.add(String.format(Locale.ROOT, "%s silence for %.1f s", Evidence.at(from), (to - from) / 1000.0));
        }
    }

    private static boolean isLate(TurnTimes turn) {
        return turn.of("first_frame_ms").orElse(0L) > Limits.SLOW_ANSWER_MILLIS;
    }

    private static String steps(TurnTimes turn) {
        StringBuilder text = new StringBuilder();
        for (String key : List.of("end_of_turn_ms", "transcript_ms", "first_token_ms", "first_speech_ms")) {
            turn.of(key)
                    .ifPresent(millis -> text.append(", ")
                            .append(key.replace("_ms", "").replace('_', ' '))
                            .append(" at ")
                            .append(millis));
        }
        return text.toString();
    }
}
