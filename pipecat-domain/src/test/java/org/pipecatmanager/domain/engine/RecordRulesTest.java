package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.StartWire;

/** Starts that no record could hold. */
class RecordRulesTest {
    private static final PipecatcallId ID = new PipecatcallId(SequentialIds.id(1));

    private static StartCommand with(String field, Object value) {
        return StartWire.fromMap(Map.of("id", ID.toString(), field, value));
    }

    private static StartCommand saying(Object content) {
        return with("llm_messages", List.of(Map.of("role", "user"), Map.of("content", content)));
    }

    private static void assertRefused(StartCommand command, String reason, String message) {
        assertThatThrownBy(() -> RecordRules.check(command))
                .isInstanceOfSatisfying(RequestException.class, e -> {
                    assertThat(e.status()).isEqualTo(RequestException.Status.INVALID_ARGUMENT);
                    assertThat(e.reason()).isEqualTo(reason);
                })
                .hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llm_type", "stt_type", "stt_language", "tts_type", "tts_language", "tts_voice_id", "agent"})
    void a_text_is_as_long_as_its_column_at_most_and_is_text(String field) {
        assertThatCode(() -> RecordRules.check(with(field, "😀".repeat(127) + "é")))
                .doesNotThrowAnyException();
        assertRefused(with(field, "é".repeat(256)), "FIELD_TOO_LONG", field + " has 256 characters; use 255 at most");
        assertRefused(with(field, "a\0"), "INVALID_FIELD", field + " holds the character U+0000; leave it out");
        assertRefused(
                with(field, "a\uD83D"),
                "INVALID_FIELD",
                field + " holds half of a surrogate pair, U+D83D; leave it out");
    }

    @Test
    void messages_are_bounded_in_bytes() {
        int used = "role".length() + "user".length() + "content".length();
        String most = "é".repeat((RecordRules.MAX_MESSAGES_BYTES - used - 1) / 2);
        assertThatCode(() -> RecordRules.check(saying(most))).doesNotThrowAnyException();

        assertRefused(
                saying(most + "éé"),
                "FIELD_TOO_LONG",
                "llm_messages have " + (RecordRules.MAX_MESSAGES_BYTES + 3) + " bytes of text; use 1048576 at most");
    }

    @Test
    void messages_are_bounded_in_depth() {
        assertThatCode(() -> RecordRules.check(saying(nested(RecordRules.MAX_DEPTH - 1))))
                .doesNotThrowAnyException();

        assertRefused(
                saying(nested(RecordRules.MAX_DEPTH)),
                "FIELD_TOO_DEEP",
                "llm_messages[1] is nested more than 24 levels deep; use 24 at most");
    }

    @Test
    void half_a_character_is_found_wherever_it_is_in_a_message() {
        String complaint = "llm_messages[1] holds half of a surrogate pair, U+DE00; leave it out";
        assertRefused(saying("\uDE00"), "INVALID_FIELD", complaint);
        assertRefused(saying(List.of(Map.of("a", "\uDE00"))), "INVALID_FIELD", complaint);
        assertRefused(saying(Map.of("\uDE00", true)), "INVALID_FIELD", complaint);
        assertThatCode(() -> RecordRules.check(saying("😀 \0 1"))).doesNotThrowAnyException();
    }

    @Test
    void nothing_is_written_for_a_start_that_is_refused_in_either_mode() {
        PlatformStage platform = new PlatformStage();
        StartCommand onPlatform = PlatformStage.start(
                platform.ids.nextCallId(), ReferenceType.CALL, PlatformStage.REFERENCE, "a." + "x".repeat(254), "");
        assertThatThrownBy(() -> platform.engine.start(onPlatform)).hasMessageStartingWith("llm_type has 256");
        assertThat(platform.store.find(onPlatform.id())).isEmpty();
        assertThat(platform.engine.sessionCount()).isZero();

        Stage embedded = new Stage();
        StartCommand inFile = with("tts_voice_id", "x".repeat(256));
        assertThatThrownBy(() -> embedded.engine.start(inFile)).hasMessageStartingWith("tts_voice_id has 256");
        assertThat(embedded.engine.sessionCount()).isZero();
    }

    /** That many lists within each other. */
    private static Object nested(int levels) {
        Object inner = "deep";
        for (int i = 0; i < levels; i++) {
            inner = List.of(inner);
        }
        return inner;
    }
}
