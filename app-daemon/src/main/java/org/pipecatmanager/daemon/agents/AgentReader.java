package org.pipecatmanager.daemon.agents;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.RecordingMode;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolDefinition;

/** Makes an agent of its section. */
final class AgentReader {
    private static final List<String> BOTS = List.of("assistant", "echo", "tone");
    private static final Duration LONGEST_WINDOW = Duration.ofSeconds(5);
    private static final Duration LONGEST_LIMIT = Duration.ofHours(24);

    private final String name;
    private final Section section;
    private final SessionLimits defaults;

    private AgentReader(String name, Section section, SessionLimits defaults) {
        this.name = name;
        this.section = section;
        this.defaults = defaults;
    }

    /**
     * Reads one.
     *
     * @param defaults limits it does not set itself
     */
    static Agent read(String name, Section section, SessionLimits defaults) {
        return new AgentReader(name, section, defaults).read();
    }

    private Agent read() {
        String given = section.oneOf("bot", BOTS);
        String bot = Objects.requireNonNullElse(given, "assistant");
        boolean assistant = bot.equals("assistant");
        if (!section.has("bot")) {
            section.problem("bot", "is missing; use " + String.join(", ", BOTS));
        } else if ("assistant".equals(given) && !section.has("llm") && !section.has("team")) {
            section.problem("llm", "is missing; an assistant needs a language model");
        }
        List<ToolDefinition> tools = assistant ? tools() : List.of();
        Agent agent = new Agent(name, bot, pipeline(bot, tools), tools, audio(), limits(), listen(), recording());
        section.refuseTheRest();
        return agent;
    }

    private Map<String, Object> pipeline(String bot, List<ToolDefinition> tools) {
        return switch (bot) {
            case "assistant" -> {
                Map<String, Object> pipeline = PipelineReader.readAssistant(section);
                if (section.has("team")) {
                    pipeline.put("team", TeamReader.read(section.section("team"), tools));
                }
                yield pipeline;
            }
            case "tone" -> PipelineReader.readTone(section);
            default -> Map.of();
        };
    }

    private List<ToolDefinition> tools() {
        return ToolReader.readAll(section.sections("tools"));
    }

    private AudioPlan audio() {
        Section audio = section.section("audio");
        AudioPlan plain = AudioPlan.DEFAULT;
        String rate = audio.oneOf("in_rate", List.of("16000", "8000"));
        Duration window = audio.duration("window", Duration.ofMillis(plain.windowMillis()), LONGEST_WINDOW);
        audio.refuseTheRest();
        try {
            return new AudioPlan(
                    rate == null ? plain.inRateHz() : Integer.parseInt(rate),
                    plain.chunkMillis(),
                    Math.toIntExact(window.toMillis()),
                    plain.reportMillis());
        } catch (IllegalArgumentException e) {
            audio.problem("window", "cannot be used: " + e.getMessage());
            return plain;
        }
    }

    private SessionLimits limits() {
        Section limits = section.section("limits");
        SessionLimits read = new SessionLimits(
                limits.duration("leg_timeout", defaults.legTimeout(), LONGEST_LIMIT),
                limits.duration("runner_timeout", defaults.runnerTimeout(), LONGEST_LIMIT),
                limits.duration("idle_timeout", defaults.idleTimeout(), LONGEST_LIMIT),
                limits.duration("max_duration", defaults.maxDuration(), LONGEST_LIMIT),
                defaults.endingTimeout(),
                Objects.requireNonNullElse(
                        limits.whole("runner_retries", 0, SessionLimits.MAX_RUNNER_RETRIES), defaults.runnerRetries()));
        limits.refuseTheRest();
        return read;
    }

    private RecordingMode recording() {
        String word = section.oneOf(
                "recording",
                Stream.of(RecordingMode.values()).map(RecordingMode::label).toList());
        return Stream.of(RecordingMode.values())
                .filter(mode -> mode.label().equals(word))
                .findFirst()
                .orElse(RecordingMode.OFF);
    }

    private @Nullable String listen() {
        String text = section.text("listen");
        if (text == null) {
            return null;
        }
        try {
            return HostPort.parse(text).toString();
        } catch (IllegalArgumentException e) {
            section.problem("listen", ": " + e.getMessage());
            return null;
        }
    }
}
