package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ToolExecutor;

/** Answers tool calls from a script; a tool without a script succeeds with no data. */
public final class FakeToolExecutor implements ToolExecutor {
    private final Recorded<ToolCall> calls = new Recorded<>();
    private final Map<String, Function<ToolCall, ToolResult>> answers = new ConcurrentHashMap<>();

    @Override
    public ToolResult execute(Pipecatcall call, ToolDefinition tool, ToolCall toolCall) {
        calls.add(toolCall);
        return answers.getOrDefault(tool.name(), asked -> ToolResult.success(asked.id(), null))
                .apply(toolCall);
    }

    /** What the tool of that name answers from now on; {@code answer} may block. */
    public void answer(String name, Function<ToolCall, ToolResult> answer) {
        answers.put(name, answer);
    }

    /** Everything asked for. */
    public List<ToolCall> calls() {
        return calls.all();
    }

    /** The call with that id, waited for. */
    public ToolCall awaitCall(String toolCallId) {
        return calls.await(call -> call.id().equals(toolCallId), "tool call " + toolCallId);
    }
}
