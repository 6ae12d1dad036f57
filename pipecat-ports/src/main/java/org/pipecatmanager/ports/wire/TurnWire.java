package org.pipecatmanager.ports.wire;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Turn;

/** The latency ledger of a turn; the keys are the columns of the table. */
public final class TurnWire {
    private TurnWire() {}

    /**
     * Keys in order: {@code pipecatcall_id}, {@code number}, {@code kind} ({@code greeting}, {@code answer} or
     * {@code filler}), {@code tm_caller_stopped}, then, each left out when it was not observed, milliseconds from there:
     * {@code end_of_turn_ms}, {@code transcript_ms}, {@code first_token_ms}, {@code first_speech_ms},
     * {@code first_frame_ms}, {@code barge_in_ms}, {@code last_old_frame_ms}; then, as the runner measured it:
     * {@code stt_ms}, {@code llm_ttfb_ms}, {@code tts_ttfb_ms}, {@code prompt_tokens}, {@code completion_tokens},
     * {@code tts_characters}.
     */
    public static Map<String, @Nullable Object> toMap(Turn turn) {
        return new MapWriter()
                .uuid("pipecatcall_id", turn.pipecatcallId().value())
                .always("number", turn.number())
                .always("kind", turn.kind().name().toLowerCase(Locale.ROOT))
                .time("tm_caller_stopped", turn.callerStopped())
                .given("end_of_turn_ms", turn.endOfTurnMillis())
                .given("transcript_ms", turn.transcriptMillis())
                .given("first_token_ms", turn.firstTokenMillis())
                .given("first_speech_ms", turn.firstSpeechMillis())
                .given("first_frame_ms", turn.firstFrameMillis())
                .given("barge_in_ms", turn.bargeInMillis())
                .given("last_old_frame_ms", turn.lastOldFrameMillis())
                .given("stt_ms", turn.figures().sttMillis())
                .given("llm_ttfb_ms", turn.figures().llmTtfbMillis())
                .given("tts_ttfb_ms", turn.figures().ttsTtfbMillis())
                .given("prompt_tokens", turn.figures().promptTokens())
                .given("completion_tokens", turn.figures().completionTokens())
                .given("tts_characters", turn.figures().ttsCharacters())
                .map();
    }
}
