package org.pipecatmanager.domain.conversation;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.model.TurnMetrics.Sample;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * What the runner measured of one turn. Of several requests the first one's latency counts, for it is what the caller waited
 * for, and everybody's tokens and characters.
 */
final class RunnerFigures {
    /** What a figure is of, and how it joins those there are. */
    enum Kind {
        /** From the end of the voice to the transcript; the last of a turn is what it waited for. */
        STT_TTFB("stt"),
        /** Of a recogniser that works on whole utterances; where {@link #STT_TTFB} is told, too, it does not count. */
        STT_PROCESSING("stt"),
        LLM_TTFB("llm"),
        TTS_TTFB("tts"),
        PROMPT_TOKENS(""),
        COMPLETION_TOKENS(""),
        TTS_CHARACTERS("");

        /** The part whose latency it is; empty for a count. */
        private final String part;

        Kind(String part) {
            this.part = part;
        }
    }

    /**
     * One figure.
     *
     * @param value milliseconds for latencies, counts otherwise
     */
    record Figure(Kind kind, long value) {
        /** Whether it is of what the caller says, rather than of the answer. */
        boolean isOfHearing() {
            return kind.part.equals("stt");
        }

        void tell(SessionMeter meter) {
            if (!kind.part.isEmpty() && kind != Kind.STT_PROCESSING) {
                meter.providerMeasured(kind.part, Duration.ofMillis(value));
            }
        }
    }

    private @Nullable Long sttTtfb;
    private @Nullable Long sttProcessing;
    private @Nullable Long llmTtfb;
    private @Nullable Long ttsTtfb;
    private @Nullable Long promptTokens;
    private @Nullable Long completionTokens;
    private @Nullable Long ttsCharacters;

    /** What a sample says; null for nothing that belongs to a turn. Pipecat reports a zero for every service as it starts. */
    static @Nullable Figure figureOf(Sample sample) {
        Kind kind = kindOf(sample.kind(), sample.processor().toUpperCase(Locale.ROOT));
        if (kind == null || !(sample.value() > 0) || sample.value() > Integer.MAX_VALUE) {
            return null;
        }
        return new Figure(kind, Math.round(kind.part.isEmpty() ? sample.value() : sample.value() * 1000));
    }

    /** Services have their part in the names of their classes. */
    private static @Nullable Kind kindOf(String kind, String processor) {
        return switch (kind) {
            case "ttfb" ->
                processor.contains("LLM")
                        ? Kind.LLM_TTFB
                        : processor.contains("TTS") ? Kind.TTS_TTFB : processor.contains("STT") ? Kind.STT_TTFB : null;
            case "processing" -> processor.contains("STT") ? Kind.STT_PROCESSING : null;
            case "prompt_tokens" -> Kind.PROMPT_TOKENS;
            case "completion_tokens" -> Kind.COMPLETION_TOKENS;
            case "characters" -> Kind.TTS_CHARACTERS;
            default -> null;
        };
    }

    void add(Figure figure) {
        long value = figure.value();
        switch (figure.kind()) {
            case STT_TTFB -> sttTtfb = value;
            case STT_PROCESSING -> sttProcessing = value;
            case LLM_TTFB -> llmTtfb = llmTtfb == null ? (Long) value : llmTtfb;
            case TTS_TTFB -> ttsTtfb = ttsTtfb == null ? (Long) value : ttsTtfb;
            case PROMPT_TOKENS -> promptTokens = plus(promptTokens, value);
            case COMPLETION_TOKENS -> completionTokens = plus(completionTokens, value);
            case TTS_CHARACTERS -> ttsCharacters = plus(ttsCharacters, value);
        }
    }

    private static Long plus(@Nullable Long sum, long more) {
        return sum == null ? more : sum + more;
    }

    Turn.Figures told() {
        return new Turn.Figures(
                sttTtfb == null ? sttProcessing : sttTtfb,
                llmTtfb,
                ttsTtfb,
                promptTokens,
                completionTokens,
                ttsCharacters);
    }
}
