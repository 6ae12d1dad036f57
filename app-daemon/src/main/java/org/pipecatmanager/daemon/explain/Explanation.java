package org.pipecatmanager.daemon.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.pipecatmanager.daemon.explain.Cause.Weight;
import org.pipecatmanager.ports.model.CallReport.Audio;

/**
 * Why a call was bad, the worst first.
 *
 * @param withTranscript whether what was said is shown too
 */
public record Explanation(Evidence call, List<Cause> causes, boolean withTranscript) {
    private static final int LINE = 110;

    private static final List<Function<Evidence, Optional<Cause>>> RULES = List.of(
            EndRules::ended,
            EndRules::runnerRestarted,
            EndRules::providerErrors,
            AudioRules::callerNotHeard,
            AudioRules::botNotHeard,
            AudioRules::brokenVoice,
            AudioRules::lateFrames,
            AudioRules::dropped,
            AudioRules::echo,
            PaceRules::deadAir,
            PaceRules::slowAnswers,
            EndRules::tools,
            EndRules::neverLive,
            AudioRules::callerDiscarded,
            AudioRules::fewFrames);

    public Explanation {
        causes = List.copyOf(causes);
    }

    /** Looks at what is kept with every rule. */
    public static Explanation of(Evidence call, boolean withTranscript) {
        List<Cause> causes = new ArrayList<>();
        for (Function<Evidence, Optional<Cause>> rule : RULES) {
            rule.apply(call).ifPresent(causes::add);
        }
        causes.addAll(PaceRules.slowParts(call));
        // A stable sort: rules stand in the order in which a reader wants them.
        causes.sort((a, b) -> a.weight().compareTo(b.weight()));
        return new Explanation(call, causes, withTranscript);
    }

    /** For programs. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("pipecatcall_id", call.id());
        map.put("status", call.status());
        map.put("end_reason", call.endReason());
        map.put("causes", causes.stream().map(Cause::toMap).toList());
        map.put("report_kept", call.report() != null);
        if (withTranscript) {
            map.put(
                    "messages",
                    call.messages().stream()
                            .map(said ->
                                    Map.of("at_ms", said.atMillis(), "speaker", said.speaker(), "text", said.text()))
                            .toList());
        }
        return map;
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder();
        String reason = call.endReason().isEmpty() ? "" : ": " + call.endReason();
        line(
                text,
                "",
                "call " + call.id() + " " + call.status() + reason
                        + (call.endMillis() < 0
                                ? ""
                                : ", after " + Evidence.at(call.endMillis()).substring(1)));
        for (Cause cause : causes) {
            line(text, "", "");
            line(text, cause.weight() == Weight.CAUSE ? "CAUSE " : "hint  ", cause.what() + " [" + cause.name() + "]");
            cause.evidence().forEach(each -> line(text, "        ", each));
            line(text, "      ", "-> " + cause.remedy());
        }
        if (causes.stream().noneMatch(cause -> cause.weight() == Weight.CAUSE)) {
            line(text, "", "");
            line(text, "", call.report() == null ? unknown() : "nothing that spoils a call was found");
        }
        line(text, "", "");
        call.audio().ifPresent(audio -> line(text, "audio ", counts(audio)));
        if (!call.turns().isEmpty()) {
            line(
                    text,
                    "turns ",
                    call.turns().size() + "; pipecat-control pipecatcall show --id " + call.id() + " has their times");
        }
        if (withTranscript) {
            call.messages()
                    .forEach(said -> line(
                            text, "said  ", Evidence.at(said.atMillis()) + " " + said.speaker() + ": " + said.text()));
        }
        return text.toString().stripTrailing();
    }

    private String unknown() {
        return call.endMillis() < 0
                ? "the call lives: what its audio did is told when it is over"
                : "what its audio did is not kept: its daemon died, was an older version, or TRANSCRIPT_RETENTION is over";
    }

    private static String counts(Audio audio) {
        return String.format(
                Locale.ROOT,
                "%d frames played, %d made up, %d silent; %d underruns; latest %d ms late; from the caller %d, peak %d",
                audio.playedFrames(),
                audio.concealedFrames(),
                audio.silentFrames(),
                audio.underruns(),
                audio.worstLateMillis(),
                audio.callerFrames(),
                audio.callerPeak());
    }

    /** A terminal shows what was said, and does not obey it. */
    private static void line(StringBuilder text, String head, String words) {
        StringBuilder line = new StringBuilder(head);
        for (String word : words.replaceAll("\\p{Cntrl}", " ").strip().split(" +", -1)) {
            if (line.length() + word.length() > LINE && line.length() > head.length()) {
                text.append(line.toString().stripTrailing()).append(System.lineSeparator());
                line = new StringBuilder(" ".repeat(Math.max(head.length(), 2)));
            }
            line.append(line.length() == 0 || line.charAt(line.length() - 1) == ' ' ? "" : " ")
                    .append(word);
        }
        text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
}
