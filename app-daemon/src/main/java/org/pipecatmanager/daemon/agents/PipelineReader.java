package org.pipecatmanager.daemon.agents;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;

/**
 * Reads what a runner builds an assistant of: its words, model, ears, voice and manners. Which providers there are is known to
 * the runner alone; a name that it does not know is refused when the daemon has asked it, or by the call.
 */
final class PipelineReader {
    private static final int MOST_FALLBACKS = 5;

    private final Section section;
    private final Given pipeline = new Given();

    private PipelineReader(Section section) {
        this.section = section;
    }

    /** The pipeline of an assistant, or of a member of a team. */
    static Map<String, Object> readAssistant(Section section) {
        return new PipelineReader(section).assistant();
    }

    /** The pipeline of a tone. */
    static Map<String, Object> readTone(Section section) {
        Given pipeline = new Given();
        Section tone = section.section("tone");
        Given values = new Given();
        values.put("hz", tone.number("hz", 1, 7_999));
        values.put("level_dbfs", tone.number("level_dbfs", -90, 0));
        tone.refuseTheRest();
        pipeline.putUnlessEmpty("tone", values.map());
        return pipeline.map();
    }

    private Map<String, Object> assistant() {
        pipeline.put("prompt", section.text("prompt"));
        pipeline.put("greeting", section.text("greeting"));
        if (section.has("speaks_first")) {
            pipeline.put("speaks_first", section.flag("speaks_first", false));
        }
        if (section.has("llm")) {
            pipeline.put("llm", llm(section.section("llm"), 0));
        }
        if (section.has("stt")) {
            pipeline.put("stt", stt(section.section("stt"), 0));
        }
        if (section.has("tts")) {
            pipeline.put("tts", tts(section.section("tts"), 0));
        }
        read("vad", PipelineReader::vad);
        read("turn", PipelineReader::turn);
        read("idle", PipelineReader::idle);
        read("dtmf", PipelineReader::dtmf);
        read("failure", PipelineReader::failure);
        read("waiting", PipelineReader::waiting);
        return pipeline.map();
    }

    private void read(String key, Reading reading) {
        Section part = section.section(key);
        Given values = new Given();
        reading.read(part, values);
        part.refuseTheRest();
        pipeline.putUnlessEmpty(key, values.map());
    }

    private static Map<String, Object> llm(Section llm, int depth) {
        Given values = provider(llm, "openai_compatible");
        values.put("voice", llm.text("voice"));
        values.put("temperature", llm.number("temperature", 0, 2));
        values.put("max_tokens", llm.whole("max_tokens", 1, 1_000_000));
        values.put("top_p", llm.number("top_p", 0.001, 1));
        values.put("frequency_penalty", llm.number("frequency_penalty", -2, 2));
        values.put("presence_penalty", llm.number("presence_penalty", -2, 2));
        values.put("seed", llm.whole("seed", Integer.MIN_VALUE, Integer.MAX_VALUE));
        values.put("stall_secs", llm.number("stall_secs", 0.1, 120));
        return withFallback(llm, values, depth, PipelineReader::llm);
    }

    private static Map<String, Object> stt(Section stt, int depth) {
        Given values = provider(stt, "whisper");
        values.put("stall_secs", stt.number("stall_secs", 0.1, 60));
        return withFallback(stt, values, depth, PipelineReader::stt);
    }

    private static Map<String, Object> tts(Section tts, int depth) {
        Given values = provider(tts, "piper");
        values.put("voice", tts.text("voice"));
        values.put("speed", tts.number("speed", 0.25, 4));
        values.put("stall_secs", tts.number("stall_secs", 0.1, 60));
        return withFallback(tts, values, depth, PipelineReader::tts);
    }

    private static Given provider(Section provider, String example) {
        Given values = new Given();
        values.put("type", provider.required("type", example));
        values.put("model", provider.text("model"));
        values.put("language", provider.text("language"));
        String address = provider.text("base_url");
        values.put("base_url", address);
        if (address != null && !WebAddress.isUsable(address) && !WebAddress.isUsableSocket(address)) {
            provider.problem("base_url", "is no address such as https://api.openai.com/v1 or wss://host/path");
        }
        values.put("region", provider.text("region"));
        values.put("api_key", secret(provider, "api_key"));
        Map<String, Object> options = new LinkedHashMap<>();
        provider.mapping("options").forEach((key, value) -> {
            if (value != null) {
                options.put(key, value);
            }
        });
        values.putUnlessEmpty("options", options);
        return values;
    }

    /** Those who take over are described as the one they take over from, but have nobody to take over from them. */
    private static Map<String, Object> withFallback(Section section, Given values, int depth, ProviderReading reading) {
        if (depth == 0) {
            List<Section> fallback = section.sections("fallback");
            if (fallback.size() > MOST_FALLBACKS) {
                section.problem("fallback", "names " + fallback.size() + "; use at most " + MOST_FALLBACKS);
            }
            if (!fallback.isEmpty()) {
                values.put(
                        "fallback",
                        fallback.stream().map(each -> reading.read(each, 1)).toList());
            }
        }
        section.refuseTheRest();
        return values.map();
    }

    private static void vad(Section vad, Given values) {
        values.put("confidence", vad.number("confidence", 0, 1));
        values.put("start_secs", vad.number("start_secs", 0, 10));
        values.put("stop_secs", vad.number("stop_secs", 0, 10));
        values.put("min_volume", vad.number("min_volume", 0, 1));
    }

    private static void turn(Section turn, Given values) {
        values.put("stop", turn.oneOf("stop", List.of("smart", "silence", "provider")));
        values.put("silence_secs", turn.number("silence_secs", 0.05, 10));
        values.put("stop_timeout_secs", turn.number("stop_timeout_secs", 0.1, 60));
        values.put("barge_in", turn.oneOf("barge_in", List.of("voice", "words", "off")));
        values.put("barge_in_words", turn.whole("barge_in_words", 1, 20));
        putFlag(turn, values, "resume_after_backchannel");
        values.put("backchannels", turn.texts("backchannels"));
    }

    private static void idle(Section idle, Given values) {
        values.put("after_secs", idle.number("after_secs", 0, 600));
        values.put("reminders", idle.texts("reminders"));
        values.put("goodbye", idle.text("goodbye"));
    }

    private static void dtmf(Section dtmf, Given values) {
        putFlag(dtmf, values, "enabled");
        values.put("timeout_secs", dtmf.number("timeout_secs", 0.1, 30));
        values.put("terminator", dtmf.oneOf("terminator", List.of("#", "*", "none")));
        values.put("prefix", dtmf.text("prefix"));
        values.map().replace("terminator", "none", "");
    }

    private static void failure(Section failure, Given values) {
        values.put("sentence", failure.text("sentence"));
        values.put("unheard", failure.text("unheard"));
        values.put("goodbye", failure.text("goodbye"));
        values.put("resumed", failure.text("resumed"));
        values.put("give_up_after", failure.whole("give_up_after", 0, 20));
        values.put("retries", failure.whole("retries", 0, 5));
    }

    private static void waiting(Section waiting, Given values) {
        values.put("after_secs", waiting.number("after_secs", 0, 60));
        values.put("every_secs", waiting.number("every_secs", 0.1, 60));
        values.put("sentences", waiting.texts("sentences"));
    }

    private static void putFlag(Section section, Given values, String key) {
        if (section.has(key)) {
            values.put(key, section.flag(key, false));
        }
    }

    private static @Nullable Secret secret(Section section, String key) {
        String text = section.text(key);
        return text == null ? null : Secret.of(text);
    }

    /** Reads a part of the pipeline into the values given. */
    private interface Reading {
        void read(Section section, Given values);
    }

    /** Reads a provider; {@code depth} 1 is one that takes over. */
    private interface ProviderReading {
        Map<String, Object> read(Section section, int depth);
    }
}
