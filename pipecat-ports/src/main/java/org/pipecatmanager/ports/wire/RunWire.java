package org.pipecatmanager.ports.wire;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolDefinition;

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
     * {@code smart_turn_enabled}, then ours: {@code link}, {@code audio}, {@code agent}, {@code traceparent}. All but
     * {@code id}, {@code smart_turn_enabled}, {@code link} and {@code audio} are left out when empty.
     *
     * @param traceparent W3C trace context of the call, empty for none
     */
    public static Map<String, @Nullable Object> toMap(RunnerLaunch launch, Addresses addresses, String traceparent) {
        var call = launch.call();
        var agent = launch.agent();
        var tools = new ArrayList<Map<String, @Nullable Object>>();
        for (var tool : launch.tools()) {
            tools.add(tool(tool));
        }
        var writer = new MapWriter()
                .uuid("id", call.id().value())
                .text("llm_type", call.llmType())
                .text("llm_key", launch.assistance().llmKey().reveal())
                .list("llm_messages", call.llmMessages())
                .text("stt_type", call.sttType())
                .text("stt_language", call.sttLanguage())
                .text("tts_type", call.ttsType())
                .text("tts_language", call.ttsLanguage())
                .text("tts_voice_id", call.ttsVoiceId())
                .list("tools", tools)
                .always(
                        "smart_turn_enabled",
                        agent != null && !"silence".equals(agent.turn().get("stop")))
                .always("link", link(launch, addresses))
                .always("audio", audio(launch.audio()));
        if (agent != null) {
            writer.always("agent", agent(agent));
        }
        return writer.text("traceparent", traceparent).map();
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
        return new MapWriter()
                .always("bot", agent.bot())
                .text("prompt", agent.prompt())
                .text("greeting", agent.greeting())
                .object("llm", agent.llm())
                .object("stt", agent.stt())
                .object("tts", agent.tts())
                .object("vad", agent.vad())
                .object("turn", agent.turn())
                .object("tone", agent.tone())
                .always("limits", limits(agent.limits()))
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

    /** A webhook's address and headers stay here; the runner only learns how long it may take. */
    private static Map<String, @Nullable Object> tool(ToolDefinition tool) {
        var writer = new MapWriter()
                .always("name", tool.name())
                .text("description", tool.description())
                .always("parameters", PlainValues.copy(tool.parameters()))
                .always("run_llm", tool.runLlm());
        var webhook = tool.webhook();
        if (webhook != null) {
            writer.always(
                    "timeout_secs",
                    seconds(webhook.timeout()
                            .multipliedBy(webhook.retries() + 1L)
                            .plus(TOOL_MARGIN)));
        }
        if (tool.builtin()) {
            writer.always("builtin", tool.name());
        }
        return writer.map();
    }

    /** Exact to the millisecond, without trailing zeros: {@code 30}, {@code 1.5}. */
    private static BigDecimal seconds(Duration duration) {
        var seconds = BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros();
        return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
    }
}
