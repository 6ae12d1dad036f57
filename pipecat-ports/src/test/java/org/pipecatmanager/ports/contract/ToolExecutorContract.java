package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ToolExecutor;

/** Every {@link ToolExecutor} passes this. */
@Timeout(60)
public interface ToolExecutorContract {
    /** An executor and whoever carries the tool {@code weather} out, who answers with an empty object. */
    Harness newHarness();

    /** An executor and the world behind it. */
    interface Harness extends AutoCloseable {
        ToolExecutor executor();

        /** The tool {@code weather}, with a deadline below a second and no or few further attempts. */
        ToolDefinition tool();

        /** The tool answers this plain value from now on. */
        void answer(Object data);

        /** The tool fails from now on. */
        void fail();

        /** The tool never answers from now on. */
        void hang();

        /** What arrived for the tool, every attempt of every call. */
        List<Attempt> attempts();

        @Override
        void close();
    }

    /**
     * One attempt as the tool saw it.
     *
     * @param toolCallId the idempotency key it came with
     */
    record Attempt(String toolCallId, Map<String, ? extends @Nullable Object> arguments) {}

    @Test
    default void a_tool_that_answers_gives_its_data_under_the_calls_id() {
        try (var harness = newHarness()) {
            harness.answer(Map.of("sky", "blue"));
            var result = execute(harness);
            assertThat(result.succeeded()).isTrue();
            assertThat(result.toolCallId()).isEqualTo("t1");
            assertThat(result.data()).isEqualTo(Map.of("sky", "blue"));
        }
    }

    @Test
    default void the_arguments_reach_the_tool() {
        try (var harness = newHarness()) {
            execute(harness);
            assertThat(harness.attempts()).containsExactly(new Attempt("t1", Map.of("city", "my secret town")));
        }
    }

    @Test
    default void a_tool_that_fails_is_a_value_with_a_reason_that_tells_no_arguments() {
        try (var harness = newHarness()) {
            harness.fail();
            assertFailed(execute(harness));
        }
    }

    @Test
    default void a_tool_that_never_answers_is_a_failure_in_bounded_time() {
        try (var harness = newHarness()) {
            harness.hang();
            assertFailed(execute(harness));
        }
    }

    @Test
    default void every_attempt_carries_the_calls_id() {
        try (var harness = newHarness()) {
            harness.fail();
            execute(harness);
            assertThat(harness.attempts())
                    .isNotEmpty()
                    .allSatisfy(attempt -> assertThat(attempt.toolCallId()).isEqualTo("t1"));
        }
    }

    private static ToolResult execute(Harness harness) {
        var arguments = Map.<String, Object>of("city", "my secret town");
        return harness.executor()
                .execute(
                        Calls.starting(1),
                        harness.tool(),
                        new ToolCall("t1", "weather", "{\"city\":\"my secret town\"}", arguments));
    }

    private static void assertFailed(ToolResult result) {
        assertThat(result.succeeded()).isFalse();
        assertThat(result.toolCallId()).isEqualTo("t1");
        assertThat(result.message()).isNotBlank().doesNotContain("my secret town");
    }
}
