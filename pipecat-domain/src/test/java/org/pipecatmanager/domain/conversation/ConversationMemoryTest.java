package org.pipecatmanager.domain.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Resume;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;

class ConversationMemoryTest {
    private static final Map<String, Object> INSTRUCTIONS = message("system", "be brief");
    private final ConversationMemory memory = new ConversationMemory(List.of(INSTRUCTIONS));

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static Map<String, Object> call(String id) {
        return Map.of("role", "assistant", "tool_calls", List.of(Map.of("id", id, "type", "function")));
    }

    private static Map<String, Object> result(String id, String content) {
        return Map.of("role", "tool", "tool_call_id", id, "content", content);
    }

    private List<Map<String, Object>> messages() {
        return memory.resume(1).messages();
    }

    @Test
    void a_runner_that_tells_nothing_leaves_the_starts_messages_and_what_was_said() {
        memory.said(Speaker.BOT, "Good day.");
        memory.said(Speaker.BOT, "How can I help?");
        memory.said(Speaker.USER, "When do you open?");
        memory.said(Speaker.MESSAGE, "on Sunday");
        memory.said(Speaker.BOT, "We open");

        assertThat(memory.resume(2))
                .isEqualTo(new Resume(
                        2,
                        List.of(
                                INSTRUCTIONS,
                                message("assistant", "Good day. How can I help?"),
                                message("user", "When do you open? on Sunday"),
                                message("assistant", "We open")),
                        ""));
    }

    @Test
    void what_is_told_replaces_what_was_told_from_there_on() {
        memory.told(0, List.of(message("user", "a"), message("assistant", "b"), message("user", "c")), "sales");
        memory.told(2, List.of(message("user", "d"), message("assistant", "e")), "support");

        assertThat(messages())
                .containsExactly(
                        message("user", "a"),
                        message("assistant", "b"),
                        message("user", "d"),
                        message("assistant", "e"));
        assertThat(memory.resume(1).member()).isEqualTo("support");

        memory.told(0, List.of(message("system", "summary of before")), "");
        assertThat(messages()).containsExactly(message("system", "summary of before"));
    }

    @Test
    void what_was_told_before_it_was_heard_of_as_said_is_there_once() {
        memory.told(1, List.of(message("assistant", "Good day. How can I help?")), "");
        memory.said(Speaker.BOT, "Good day.");
        memory.said(Speaker.BOT, "How can I help?");
        memory.told(2, List.of(message("user", "Yes, please.")), "");
        memory.said(Speaker.USER, "yes please");
        assertThat(messages())
                .containsExactly(
                        INSTRUCTIONS,
                        message("assistant", "Good day. How can I help?"),
                        message("user", "Yes, please."));

        memory.said(Speaker.BOT, "Good day.");
        memory.said(Speaker.USER, "yes please");
        assertThat(messages())
                .as("the same words said once more are news")
                .endsWith(message("assistant", "Good day."), message("user", "yes please"));
    }

    @Test
    void a_message_that_is_told_again_with_more_keeps_what_of_it_was_said() {
        memory.said(Speaker.BOT, "One.");
        memory.told(1, List.of(message("assistant", "One.")), "");
        memory.told(1, List.of(message("assistant", "One. Two.")), "");
        memory.said(Speaker.BOT, "Two.");
        assertThat(messages()).containsExactly(INSTRUCTIONS, message("assistant", "One. Two."));

        memory.said(Speaker.BOT, "One.");
        assertThat(messages()).endsWith(message("assistant", "One. Two."), message("assistant", "One."));
    }

    @Test
    void what_was_said_is_part_of_what_is_told_of_the_same_speaker_and_follows_it_otherwise() {
        memory.said(Speaker.USER, "when do you open");
        memory.told(1, List.of(message("user", "When do you open?")), "");
        memory.said(Speaker.BOT, "We open at");
        assertThat(messages())
                .as("the runner was lost in the middle of its answer: the next one knows what was heard of it")
                .containsExactly(
                        INSTRUCTIONS, message("user", "When do you open?"), message("assistant", "We open at"));

        memory.said(Speaker.USER, "hello?");
        memory.told(2, List.of(message("assistant", "We open at nine")), "");
        assertThat(messages())
                .containsExactly(
                        INSTRUCTIONS,
                        message("user", "When do you open?"),
                        message("assistant", "We open at nine"),
                        message("user", "hello?"));
    }

    @Test
    void the_oldest_messages_are_forgotten_but_not_the_instructions() {
        List<Map<String, Object>> long_ = new ArrayList<>(List.of(INSTRUCTIONS));
        for (int i = 1; i <= ConversationMemory.MAX_MESSAGES; i++) {
            long_.add(message(i % 2 == 0 ? "assistant" : "user", "m" + i));
        }
        memory.told(0, long_, "");

        assertThat(messages())
                .hasSize(ConversationMemory.MAX_MESSAGES)
                .startsWith(INSTRUCTIONS, message("assistant", "m2"))
                .endsWith(message("assistant", "m400"));

        memory.told(401, List.of(message("user", "m401")), "");
        assertThat(messages())
                .as("numbers go on where messages were forgotten")
                .hasSize(ConversationMemory.MAX_MESSAGES)
                .startsWith(INSTRUCTIONS, message("user", "m3"))
                .endsWith(message("assistant", "m400"), message("user", "m401"));
    }

    @Test
    void bytes_are_bounded_too_and_counted_as_utf_8() {
        String fifth = "ü".repeat(ConversationMemory.MAX_BYTES / 10 - 100);
        for (int i = 0; i < 6; i++) {
            memory.told(1 + i, List.of(message("user", fifth + i)), "");
        }
        assertThat(messages()).hasSize(6).startsWith(INSTRUCTIONS, message("user", fifth + 1));
    }

    @Test
    void one_message_beyond_every_bound_is_not_kept() {
        memory.told(0, List.of(message("system", "x".repeat(ConversationMemory.MAX_BYTES))), "");
        memory.said(Speaker.USER, "hello");
        assertThat(messages()).containsExactly(message("user", "hello"));
    }

    @Test
    void a_tools_result_is_forgotten_together_with_its_call() {
        List<Map<String, Object>> told =
                new ArrayList<>(List.of(call("t1"), message("user", "well?"), result("t1", "42"), result("t2", "43")));
        for (int i = told.size(); i < ConversationMemory.MAX_MESSAGES; i++) {
            told.add(message("user", "m" + i));
        }
        memory.told(0, told, "");
        assertThat(messages()).startsWith(call("t1"));

        memory.said(Speaker.BOT, "one more");
        assertThat(messages())
                .hasSize(ConversationMemory.MAX_MESSAGES - 1)
                .startsWith(message("user", "well?"), result("t2", "43"), message("user", "m4"));
    }

    @Test
    void a_message_after_a_gap_is_taken_and_a_speechless_one_harms_nothing() {
        memory.told(7, List.of(message("user", "late"), Map.of()), "");
        assertThat(messages()).containsExactly(INSTRUCTIONS, message("user", "late"), Map.of());
    }

    @Test
    void what_was_said_is_the_same_text_in_every_run() {
        memory.said(Speaker.BOT, "Good day.");
        assertThat(messages().getLast().keySet()).containsExactly("role", "content");
    }

    @Test
    void nothing_of_it_shows_in_a_log() {
        assertThat(memory.resume(1).toString()).isEqualTo("Resume[attempt 1, 1 messages]");
    }
}
