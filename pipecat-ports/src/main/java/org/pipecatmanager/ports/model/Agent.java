package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A voice agent as {@code agents.yaml} describes it. Provider sections are handed to the runner as they are.
 *
 * @param name     key in {@code agents.yaml}
 * @param bot      {@code assistant}, {@code echo} or {@code tone}
 * @param prompt   system prompt, may be empty
 * @param greeting what the bot says first, may be empty
 * @param llm      model section: {@code type}, {@code model}, {@code base_url}, {@code api_key}, …
 * @param stt      recogniser section, empty for none
 * @param tts      voice section, empty for none
 * @param vad      voice activity section, empty for the defaults
 * @param turn     turn-taking section, empty for the defaults
 * @param tone     section of the {@code tone} bot
 * @param tools    in the order of the file, names unique
 * @param audio    rates and window
 * @param limits   deadlines
 * @param listen   own AudioSocket address {@code host:port}, or null for none
 */
public record Agent(
        String name,
        String bot,
        String prompt,
        String greeting,
        Map<String, Object> llm,
        Map<String, Object> stt,
        Map<String, Object> tts,
        Map<String, Object> vad,
        Map<String, Object> turn,
        Map<String, Object> tone,
        List<ToolDefinition> tools,
        AudioPlan audio,
        SessionLimits limits,
        @Nullable String listen) {
    public Agent {
        llm = OrderedMaps.copyOf(llm);
        stt = OrderedMaps.copyOf(stt);
        tts = OrderedMaps.copyOf(tts);
        vad = OrderedMaps.copyOf(vad);
        turn = OrderedMaps.copyOf(turn);
        tone = OrderedMaps.copyOf(tone);
        tools = List.copyOf(tools);
    }

    /** An agent of the given kind with nothing but defaults, for instance {@code echo}. */
    public static Agent of(String name, String bot) {
        return new Agent(
                name,
                bot,
                "",
                "",
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                AudioPlan.DEFAULT,
                SessionLimits.DEFAULTS,
                null);
    }

    /** The same agent with other deadlines. */
    public Agent withLimits(SessionLimits value) {
        return new Agent(name, bot, prompt, greeting, llm, stt, tts, vad, turn, tone, tools, audio, value, listen);
    }

    /** Prompts and keys stay out of messages. */
    @Override
    public String toString() {
        return "Agent[" + name + ", " + bot + "]";
    }
}
