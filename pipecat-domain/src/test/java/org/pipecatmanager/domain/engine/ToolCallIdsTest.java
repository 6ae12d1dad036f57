package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Ids of tool calls that do not repeat, whatever the runner sends. */
class ToolCallIdsTest {
    private final ToolCallIds ids = new ToolCallIds();

    @Test
    void an_id_that_is_new_stays_as_it_is() {
        assertThat(ids.of("call_a", "lookup")).isEqualTo("call_a");
        assertThat(ids.of("call_b", "lookup")).isEqualTo("call_b");
    }

    @Test
    void an_id_that_is_repeated_gets_the_number_of_the_call() {
        assertThat(ids.of("team-tool-lookup", "lookup")).isEqualTo("team-tool-lookup");
        assertThat(ids.of("team-tool-lookup", "lookup")).isEqualTo("team-tool-lookup-2");
        assertThat(ids.of("team-tool-lookup", "lookup")).isEqualTo("team-tool-lookup-3");
    }

    @Test
    void an_id_that_is_empty_is_made_of_the_tool() {
        assertThat(ids.of("", "lookup")).isEqualTo("lookup-1");
        assertThat(ids.of("", "lookup")).isEqualTo("lookup-2");
    }

    @Test
    void an_id_that_looks_like_one_we_made_is_told_apart_from_it() {
        assertThat(ids.of("a-3", "lookup")).isEqualTo("a-3");
        ids.of("a", "lookup");
        assertThat(ids.of("a", "lookup")).isEqualTo("a-4");
        assertThat(ids.of("a-4", "lookup")).isEqualTo("a-4-5");
    }

    @Test
    void an_id_that_is_too_long_is_cut() {
        String endless = "x".repeat(ToolCallIds.MAX_LENGTH + 1);
        assertThat(ids.of(endless, "lookup")).isEqualTo("x".repeat(ToolCallIds.MAX_LENGTH) + "-1");
        assertThat(ids.of("", endless)).isEqualTo("x".repeat(ToolCallIds.MAX_LENGTH) + "-2");
    }

    @Test
    void none_repeats_when_there_are_more_than_can_be_remembered() {
        Set<String> given = new HashSet<>();
        int calls = 3 * ToolCallIds.MAX_REMEMBERED;
        for (int i = 0; i < calls; i++) {
            given.add(ids.of(i % 2 == 0 ? "constant" : "call_" + i % 1500, "lookup"));
        }
        assertThat(given).hasSize(calls);
    }
}
