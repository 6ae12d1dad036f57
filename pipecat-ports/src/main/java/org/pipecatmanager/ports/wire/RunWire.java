package org.pipecatmanager.ports.wire;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.ResolvedTeam;
import org.pipecatmanager.ports.model.Resume;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.AiManager;

/** The body of {@code POST /run}. It holds secrets: the runner must be a trusted peer, and nobody logs it. */
public final class RunWire {
    /** What a tool call needs beside its attempts: the way there and back, and the pauses between attempts. */
    private static final Duration TOOL_MARGIN = Duration.ofSeconds(2);

    private RunWire() {}

    /**
     * Where a runner finds the daemon for one call.
     *
     * @param webSocket      where it connects
     * @param tools          where it posts tool calls
     * @param memberSwitched where it posts handovers
     */
    public record Addresses(String webSocket, String tools, String memberSwitched) {}

    /**
     * Keys in order: {@code id}, {@code llm_type}, {@code llm_key}, {@code llm_messages}, {@code stt_type},
     * {@code stt_language}, {@code tts_type}, {@code tts_language}, {@code tts_voice_id}, {@code tools},
     * {@code resolved_team}, {@code vad_config}, {@code smart_turn_enabled}, then ours: {@code link}, {@code audio},
     * {@code agent}, {@code llm_parameter}, {@code resume}, {@code traceparent}. All but {@code id}, {@code smart_turn_enabled},
     * {@code link}, {@code audio} and {@code traceparent} are left out when empty. Where a team answers there are no
     * {@code tools} but the members' own.
     */
    public static Map<String, @Nullable Object> toMap(RunnerLaunch launch, Addresses addresses) {
        var call = launch.call();
        var agent = launch.agent();
        var assistance = launch.assistance();
        var team = assistance.team();
        var writer = new MapWriter()
                .uuid("id", call.id().value())
                .text("llm_type", call.llmType())
                .text("llm_key", assistance.llmKey().reveal())
                .list("llm_messages", call.llmMessages())
                .text("stt_type", call.sttType())
                .text("stt_language", call.sttLanguage())
                .text("tts_type", call.ttsType())
                .text("tts_language", call.ttsLanguage())
                .text("tts_voice_id", call.ttsVoiceId())
                .list("tools", team == null ? each(launch.tools(), RunWire::tool) : List.of());
        if (team != null) {
            writer.always("resolved_team", team(team));
        }
        writer.object("vad_config", assistance.vadConfig())
                .always("smart_turn_enabled", agent == null ? assistance.smartTurnEnabled() : isSmart(agent))
                .always("link", link(launch, addresses))
                .always("audio", audio(launch.audio()));
        if (agent != null) {
            writer.always("agent", agent(agent));
        }
        return writer.object("llm_parameter", assistance.parameter())
                .given("resume", resume(launch.resume()))
                .always(TraceContext.HEADER, launch.trace().traceparent())
                .map();
    }

    private static @Nullable Map<String, @Nullable Object> resume(@Nullable Resume resume) {
        return resume == null
                ? null
                : new MapWriter()
                        .always("attempt", resume.attempt())
                        .list("messages", resume.messages())
                        .text("member", resume.member())
                        .map();
    }

    private static boolean isSmart(Agent agent) {
        return !"silence".equals(agent.section("turn").get("stop"));
    }

    private static Map<String, @Nullable Object> team(ResolvedTeam team) {
        return new MapWriter()
                .uuid("id", team.id())
                .uuid("start_member_id", team.startMemberId())
                .always("members", each(team.members(), RunWire::member))
                .map();
    }

    private static Map<String, @Nullable Object> member(ResolvedTeam.Member member) {
        return new MapWriter()
                .uuid("id", member.id())
                .always("name", member.name())
                .always("ai", ai(member.ai()))
                .always("tools", each(member.tools(), RunWire::tool))
                .always("transitions", each(member.transitions(), RunWire::transition))
                .map();
    }

    private static Map<String, @Nullable Object> ai(Ai ai) {
        return new MapWriter()
                .always("engine_model", ai.engineModel())
                .always("engine_key", ai.engineKey().reveal())
                .always("init_prompt", ai.initPrompt())
                .object("parameter", ai.parameter())
                .always("tts_type", ai.ttsType())
                .always("tts_voice_id", ai.ttsVoiceId())
                .always("stt_type", ai.sttType())
                .object("vad_config", ai.vadConfig())
                .always("smart_turn_enabled", ai.smartTurnEnabled())
                .map();
    }

    private static Map<String, @Nullable Object> transition(Team.Transition transition) {
        return new MapWriter()
                .always("function_name", transition.functionName())
                .always("description", transition.description())
                .uuid("next_member_id", transition.nextMemberId())
                .map();
    }

    private static <T> List<Map<String, @Nullable Object>> each(
            List<T> values, Function<T, Map<String, @Nullable Object>> toMap) {
        var maps = new ArrayList<Map<String, @Nullable Object>>(values.size());
        for (var value : values) {
            maps.add(toMap.apply(value));
        }
        return maps;
    }

    private static Map<String, @Nullable Object> link(RunnerLaunch launch, Addresses addresses) {
        return new MapWriter()
                .always("ws_url", addresses.webSocket())
                .text("tools_url", addresses.tools())
                .text("member_switched_url", addresses.memberSwitched())
                .always("token", launch.token().reveal())
                .map();
    }

    private static Map<String, @Nullable Object> audio(AudioPlan audio) {
        return new MapWriter()
                .always("in_rate", audio.inRateHz())
                .always("chunk_ms", audio.chunkMillis())
                .always("window_ms", audio.windowMillis())
                .always("report_ms", audio.reportMillis())
                .map();
    }

    private static Map<String, @Nullable Object> agent(Agent agent) {
        var writer = new MapWriter().always("bot", agent.bot());
        agent.pipeline().forEach((key, value) -> writer.always(key, PlainValues.copy(value)));
        if (agent.section("team").get("members") instanceof List<?> members) {
            writer.always("team", teamOfAgent(agent, members));
        }
        return writer.always("limits", limits(agent.limits())).map();
    }

    /** As it is, but with the tools themselves in the place of their names. */
    private static Map<String, @Nullable Object> teamOfAgent(Agent agent, List<?> members) {
        var tools = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        agent.tools().forEach(tool -> tools.put(tool.name(), tool(tool)));
        var written = new ArrayList<Map<String, @Nullable Object>>();
        for (Object each : members) {
            var member = new LinkedHashMap<String, @Nullable Object>();
            ((Map<?, ?>) each).forEach((key, value) -> member.put(String.valueOf(key), PlainValues.copy(value)));
            if (member.get("tools") instanceof List<?> names) {
                member.put(
                        "tools",
                        names.stream()
                                .filter(tools::containsKey)
                                .map(tools::get)
                                .toList());
            }
            written.add(member);
        }
        return new MapWriter()
                .always("start", PlainValues.copy(agent.section("team").get("start")))
                .always("members", written)
                .map();
    }

    private static Map<String, @Nullable Object> limits(SessionLimits limits) {
        return new MapWriter()
                .always("leg_timeout", seconds(limits.legTimeout()) + "s")
                .always("runner_timeout", seconds(limits.runnerTimeout()) + "s")
                .always("idle_timeout", seconds(limits.idleTimeout()) + "s")
                .always("max_duration", seconds(limits.maxDuration()) + "s")
                .map();
    }

    /** Where a tool's calls go from here stays here; the runner only learns how long they may take. */
    private static Map<String, @Nullable Object> tool(ToolDefinition tool) {
        var writer = new MapWriter()
                .always("name", tool.name())
                .text("description", tool.description())
                .always("parameters", PlainValues.copy(tool.parameters()))
                .always("run_llm", tool.runLlm());
        if (tool.builtin()) {
            writer.always("builtin", tool.name());
        } else {
            writer.always("timeout_secs", seconds(deadline(tool.webhook()).plus(TOOL_MARGIN)));
        }
        var conduct = tool.conduct();
        writer.text("speech", conduct.speech());
        if (conduct.cancelledByInterruption()) {
            writer.always("on_interruption", "cancel");
        }
        if (conduct.ending() != ToolDefinition.Ending.NONE) {
            writer.always("ends_call", conduct.ending().name().toLowerCase(Locale.ROOT));
        }
        return writer.map();
    }

    /** Of all attempts; without a webhook the platform carries the tool out, once. */
    private static Duration deadline(ToolDefinition.@Nullable Webhook webhook) {
        return webhook == null ? AiManager.TOOL_DEADLINE : webhook.timeout().multipliedBy(webhook.retries() + 1L);
    }

    /** Exact to the millisecond, without trailing zeros: {@code 30}, {@code 1.5}. */
    private static BigDecimal seconds(Duration duration) {
        var seconds = BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros();
        return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
    }
}
