package org.pipecatmanager.daemon.agents;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolDefinition;

/** Makes an agent of its section. */
final class AgentReader {
    private static final List<String> BOTS = List.of("assistant", "echo", "tone");
    private static final List<String> LLM_TYPES = List.of("openai_compatible", "openai");
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
        } else if ("assistant".equals(given) && !section.has("llm")) {
            section.problem("llm", "is missing; an assistant needs a language model");
        }
        Agent agent = new Agent(
                name,
                bot,
                assistant ? section.textOrEmpty("prompt") : "",
                assistant ? section.textOrEmpty("greeting") : "",
                assistant && section.has("llm") ? llm() : Map.of(),
                assistant && section.has("stt") ? stt() : Map.of(),
                assistant && section.has("tts") ? tts() : Map.of(),
                assistant ? vad() : Map.of(),
                assistant ? turn() : Map.of(),
                bot.equals("tone") ? tone() : Map.of(),
                assistant ? tools() : List.of(),
                audio(),
                limits(),
                listen());
        section.refuseTheRest();
        return agent;
    }

    private Map<String, Object> llm() {
        Section llm = section.section("llm");
        Values values = new Values();
        llm.required("type", "openai_compatible");
        values.put("type", llm.oneOf("type", LLM_TYPES));
        values.put("model", llm.text("model"));
        String address = llm.text("base_url");
        values.put("base_url", address);
        if (address != null && !WebAddress.isUsable(address)) {
            llm.problem("base_url", "is no address such as https://api.openai.com/v1");
        }
        values.put("api_key", secret(llm, "api_key"));
        values.put("temperature", llm.number("temperature", 0, 2));
        values.put("max_tokens", llm.whole("max_tokens", 1, 1_000_000));
        llm.refuseTheRest();
        return values.map();
    }

    private Map<String, Object> stt() {
        Section stt = section.section("stt");
        Values values = new Values();
        values.put("type", stt.required("type", "whisper"));
        values.put("model", stt.text("model"));
        values.put("language", stt.text("language"));
        values.put("api_key", secret(stt, "api_key"));
        stt.refuseTheRest();
        return values.map();
    }

    private Map<String, Object> tts() {
        Section tts = section.section("tts");
        Values values = new Values();
        values.put("type", tts.required("type", "piper"));
        values.put("voice", tts.text("voice"));
        values.put("language", tts.text("language"));
        values.put("api_key", secret(tts, "api_key"));
        tts.refuseTheRest();
        return values.map();
    }

    private Map<String, Object> vad() {
        Section vad = section.section("vad");
        Values values = new Values();
        values.put("confidence", vad.number("confidence", 0, 1));
        values.put("start_secs", vad.number("start_secs", 0, 10));
        values.put("stop_secs", vad.number("stop_secs", 0, 10));
        values.put("min_volume", vad.number("min_volume", 0, 1));
        vad.refuseTheRest();
        return values.map();
    }

    private Map<String, Object> turn() {
        Section turn = section.section("turn");
        Values values = new Values();
        values.put("stop", turn.oneOf("stop", List.of("smart", "silence")));
        values.put("silence_secs", turn.number("silence_secs", 0.05, 10));
        values.put("stop_timeout_secs", turn.number("stop_timeout_secs", 0.1, 60));
        turn.refuseTheRest();
        return values.map();
    }

    private Map<String, Object> tone() {
        Section tone = section.section("tone");
        Values values = new Values();
        values.put("hz", tone.number("hz", 1, 7_999));
        values.put("level_dbfs", tone.number("level_dbfs", -90, 0));
        tone.refuseTheRest();
        return values.map();
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
                defaults.endingTimeout());
        limits.refuseTheRest();
        return read;
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

    private static @Nullable Secret secret(Section section, String key) {
        String text = section.text(key);
        return text == null ? null : Secret.of(text);
    }

    /** Values that are there, in the order of the schema. */
    private static final class Values {
        private final Map<String, Object> map = new LinkedHashMap<>();

        void put(String key, @Nullable Object value) {
            if (value != null) {
                map.put(key, value);
            }
        }

        Map<String, Object> map() {
            return map;
        }
    }
}
