package org.pipecatmanager.domain.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeAiManager;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Tools that the platform carries out. */
class PlatformToolExecutorTest {
    private static final ToolCall ASKED = new ToolCall("t-1", "send_email", "{\"to\":1}", Map.of("to", 1));

    private final VirtualClock clock = new VirtualClock();
    private final FakeAiManager ai = new FakeAiManager();
    private final PlatformToolExecutor executor = new PlatformToolExecutor(ai, clock);

    private ToolResult execute(ReferenceType type) {
        return executor.execute(Bench.call(type, ""), Bench.tool("send_email"), ASKED);
    }

    private ToolResult failing(Kind kind, Duration after) {
        ai.answerExecution((aiCallId, call) -> {
            clock.advance(after);
            throw new ManagerException(kind, "ai-manager did not", null);
        });
        return execute(ReferenceType.AI_CALL);
    }

    @Test
    void a_tool_is_carried_out_for_the_conversation_with_the_models_own_words() {
        List<UUID> conversations = new ArrayList<>();
        ToolResult answer = new ToolResult("t-1", true, "sent", "email", "e-1", null);
        ai.answerExecution((aiCallId, call) -> {
            conversations.add(aiCallId);
            return answer;
        });

        assertThat(execute(ReferenceType.AI_CALL)).isEqualTo(answer);

        assertThat(conversations).containsExactly(Bench.AI_CALL);
        assertThat(ai.executed()).containsExactly(ASKED);
    }

    @Test
    void an_answer_carries_the_id_of_the_question() {
        ai.answerExecution((aiCallId, call) -> new ToolResult("", false, "no such address", "email", "e-1", null));
        assertThat(execute(ReferenceType.AI_CALL))
                .isEqualTo(new ToolResult("t-1", false, "no such address", "email", "e-1", null));
    }

    @Test
    void a_telephone_call_has_no_tools() {
        assertThat(execute(ReferenceType.CALL))
                .isEqualTo(ToolResult.failure("t-1", "this call is not a conversation of ai-manager and has no tools"));
        assertThat(ai.executed()).isEmpty();
    }

    @Test
    void a_tool_that_took_too_long_may_still_be_carried_out_and_is_not_tried_again() {
        assertThat(failing(Kind.UNREACHABLE, Duration.ofSeconds(10)))
                .isEqualTo(ToolResult.failure("t-1", "it took longer than 10 s; it may still be carried out"));
        assertThat(ai.executed()).hasSize(1);
    }

    @Test
    void other_failures_are_told_in_words_a_model_can_pass_on() {
        assertThat(failing(Kind.UNREACHABLE, Duration.ZERO).message())
                .isEqualTo("the platform cannot be reached; it was probably not carried out");
        assertThat(failing(Kind.NOT_FOUND, Duration.ZERO).message())
                .isEqualTo("the platform does not know this tool or this conversation");
        assertThat(failing(Kind.REFUSED, Duration.ZERO).message()).isEqualTo("the platform refused to carry it out");
    }
}
