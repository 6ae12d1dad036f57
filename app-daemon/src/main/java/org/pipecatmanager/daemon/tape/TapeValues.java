package org.pipecatmanager.daemon.tape;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.wire.EventWire;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Values of the ports as a tape has them, and back. What is secret never gets here; what is a prompt only where that is asked for. */
public final class TapeValues {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private static final Map<String, Object> TAPED = Map.of("type", "taped");

    private TapeValues() {}

    static Map<String, Object> message(RunnerMessage message) {
        return typed(message);
    }

    static Map<String, Object> command(RunnerCommand command) {
        return typed(command);
    }

    /** A message with what the model was told by its owner, and not by the caller, left out. */
    static RunnerMessage withoutPrompts(RunnerMessage message) {
        return message instanceof RunnerMessage.Context context
                ? new RunnerMessage.Context(
                        context.from(),
                        context.messages().stream()
                                .map(TapeValues::unlessPrompt)
                                .toList(),
                        context.member())
                : message;
    }

    private static Map<String, Object> unlessPrompt(Map<String, Object> message) {
        Object role = message.get("role");
        return "system".equals(role) || "developer".equals(role) ? Map.of("role", role, "content", "") : message;
    }

    /** A launch, without its keys, prompts and addresses. */
    static Map<String, Object> launch(RunnerLaunch launch, boolean prompts) {
        Map<String, Object> data = new LinkedHashMap<>();
        Agent agent = launch.agent();
        if (agent != null) {
            data.put("agent", agent.name());
            data.put("bot", agent.bot());
            data.put("hears", agent.hears());
            data.put("speaks", agent.speaks());
            data.put("limits", limits(agent.limits()));
            if (prompts) {
                data.put("prompt", agent.pipeline().getOrDefault("prompt", ""));
                data.put("greeting", agent.pipeline().getOrDefault("greeting", ""));
            }
        }
        data.put("audio", audio(launch.audio()));
        List<Map<String, Object>> tools = new ArrayList<>();
        launch.tools().forEach(tool -> tools.add(tool(tool)));
        data.put("tools", tools);
        data.put("resumed", launch.resume() != null);
        return data;
    }

    private static Map<String, Object> audio(AudioPlan plan) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("in_rate", plan.inRateHz());
        data.put("chunk_ms", plan.chunkMillis());
        data.put("window_ms", plan.windowMillis());
        data.put("report_ms", plan.reportMillis());
        return data;
    }

    private static Map<String, Object> limits(SessionLimits limits) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("leg_ms", limits.legTimeout().toMillis());
        data.put("runner_ms", limits.runnerTimeout().toMillis());
        data.put("idle_ms", limits.idleTimeout().toMillis());
        data.put("duration_ms", limits.maxDuration().toMillis());
        data.put("ending_ms", limits.endingTimeout().toMillis());
        data.put("runner_retries", limits.runnerRetries());
        return data;
    }

    private static Map<String, Object> tool(ToolDefinition tool) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", tool.name());
        data.put("builtin", tool.builtin());
        data.put("ending", tool.conduct().ending().name());
        return data;
    }

    /** The agent of a taped launch, as far as the daemon needs it: a runner could not build a pipeline of it. */
    public static Agent agent(Entry launch) {
        Map<String, Object> limits = launch.object("limits");
        List<ToolDefinition> tools = new ArrayList<>();
        if (launch.data().get("tools") instanceof List<?> list) {
            list.forEach(each -> tools.add(toolOf(new Entry(0, Kind.LAUNCH, asObject(each)))));
        }
        // Whether there are ears and a voice decides whether a call has a leg at all; on a platform it has what it was
        // given.
        Map<String, Object> pipeline = new LinkedHashMap<>();
        if (launch.text("bot").isEmpty() || launch.isTrue("hears")) {
            pipeline.put("stt", TAPED);
        }
        if (launch.text("bot").isEmpty() || launch.isTrue("speaks")) {
            pipeline.put("tts", TAPED);
        }
        Entry plan = new Entry(0, Kind.LAUNCH, launch.object("audio"));
        return new Agent(
                launch.text("agent").isEmpty() ? "taped" : launch.text("agent"),
                launch.text("bot").isEmpty() ? "assistant" : launch.text("bot"),
                pipeline,
                tools,
                new AudioPlan(
                        (int) plan.number("in_rate"),
                        (int) plan.number("chunk_ms"),
                        (int) plan.number("window_ms"),
                        (int) plan.number("report_ms")),
                limits.isEmpty() ? SessionLimits.DEFAULTS : limitsOf(new Entry(0, Kind.LAUNCH, limits)),
                null);
    }

    private static SessionLimits limitsOf(Entry limits) {
        return new SessionLimits(
                Duration.ofMillis(limits.number("leg_ms")),
                Duration.ofMillis(limits.number("runner_ms")),
                Duration.ofMillis(limits.number("idle_ms")),
                Duration.ofMillis(limits.number("duration_ms")),
                Duration.ofMillis(limits.number("ending_ms")),
                (int) limits.number("runner_retries"));
    }

    private static ToolDefinition toolOf(Entry tool) {
        return new ToolDefinition(tool.text("name"), "", Map.of(), true, tool.isTrue("builtin"), null)
                .withConduct(new ToolDefinition.Conduct("", false, ToolDefinition.Ending.valueOf(tool.text("ending"))));
    }

    /** The message of an entry; empty for one of a newer version. */
    public static Optional<RunnerMessage> messageOf(Entry entry) {
        return Arrays.stream(RunnerMessage.class.getPermittedSubclasses())
                .filter(type -> type.getSimpleName().equals(entry.text("type")))
                .findFirst()
                .map(type -> (RunnerMessage) JSON.convertValue(entry.object("data"), type));
    }

    /** An event: its kind, and what is told of it. */
    static Map<String, Object> event(CallEvent event) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("n", event.sequence());
        data.put("type", event.type().wireName());
        Map<String, Object> told = JSON.convertValue(EventWire.data(event), OBJECT);
        told.remove("llm_messages");
        data.put("data", told);
        return data;
    }

    private static Map<String, Object> typed(Record value) {
        return Map.of("type", value.getClass().getSimpleName(), "data", JSON.convertValue(value, OBJECT));
    }

    private static Map<String, Object> typed(RunnerMessage message) {
        return typed((Record) message);
    }

    private static Map<String, Object> typed(RunnerCommand command) {
        return typed((Record) command);
    }

    private static Map<String, Object> asObject(Object value) {
        return JSON.convertValue(value, OBJECT);
    }
}
