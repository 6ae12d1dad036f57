package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

/** An ai-manager that knows what it was told; what it was not told is not found. */
public final class FakeAiManager implements AiManager {
    private final Map<UUID, Supplier<AiCall>> aiCalls = new ConcurrentHashMap<>();
    private final Map<UUID, Supplier<Ai>> ais = new ConcurrentHashMap<>();
    private final Map<UUID, Supplier<Team>> teams = new ConcurrentHashMap<>();
    private final Recorded<UUID> asked = new Recorded<>();
    private final Recorded<ToolCall> executed = new Recorded<>();
    private volatile Supplier<List<ToolDefinition>> tools = List::of;
    private volatile BiFunction<UUID, ToolCall, ToolResult> execution =
            (aiCallId, call) -> ToolResult.success(call.id(), null);

    public void know(AiCall aiCall) {
        aiCalls.put(aiCall.id(), () -> aiCall);
    }

    public void know(Ai ai) {
        ais.put(ai.id(), () -> ai);
    }

    public void know(Team team) {
        teams.put(team.id(), () -> team);
    }

    /** What asking for an assistant does from now on; it may block or throw. */
    public void answerAi(UUID id, Supplier<Ai> answer) {
        ais.put(id, answer);
    }

    /** What asking for the catalogue does from now on; it may block or throw. */
    public void answerTools(Supplier<List<ToolDefinition>> answer) {
        tools = answer;
    }

    /** What carrying a tool out does from now on, given the conversation; it may block or throw. */
    public void answerExecution(BiFunction<UUID, ToolCall, ToolResult> answer) {
        execution = answer;
    }

    /** Every id that was asked for, in order. */
    public List<UUID> asked() {
        return asked.all();
    }

    /** Waits until so many ids were asked for. */
    public List<UUID> awaitAsked(int count) {
        return asked.awaitCount(count, "lookups");
    }

    /** Every tool call, in order. */
    public List<ToolCall> executed() {
        return executed.all();
    }

    @Override
    public AiCall aiCall(UUID id) {
        return known("aicall", id, aiCalls.get(id));
    }

    @Override
    public Ai ai(UUID id) {
        return known("ai", id, ais.get(id));
    }

    @Override
    public Team team(UUID id) {
        return known("team", id, teams.get(id));
    }

    @Override
    public List<ToolDefinition> tools() {
        return tools.get();
    }

    @Override
    public ToolResult executeTool(UUID aiCallId, ToolCall call) {
        executed.add(call);
        return execution.apply(aiCallId, call);
    }

    private <T> T known(String what, UUID id, @Nullable Supplier<T> answer) {
        asked.add(id);
        if (answer == null) {
            throw new ManagerException(Kind.NOT_FOUND, "the test's ai-manager knows no " + what + " " + id, null);
        }
        return answer.get();
    }
}
