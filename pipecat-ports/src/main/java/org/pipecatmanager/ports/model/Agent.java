package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A voice agent as {@code agents.yaml} describes it.
 *
 * @param name     key in {@code agents.yaml}
 * @param bot      {@code assistant}, {@code echo} or {@code tone}
 * @param pipeline what the runner builds its pipeline of, handed to it as it is and in this order: {@code prompt},
 *                 {@code greeting}, {@code llm}, {@code stt}, {@code tts}, {@code turn}, {@code team} and so on; what an agent
 *                 does not have is not there. Keys of providers in it are {@link Secret}s. A member of a {@code team} names
 *                 its tools by the names of {@code tools}
 * @param tools    in the order of the file, names unique; those of all members of a team
 * @param audio    rates and window
 * @param limits   deadlines
 * @param listen   own AudioSocket address {@code host:port}, or null for none
 * @param recording whether the sound of its calls is kept
 */
public record Agent(
        String name,
        String bot,
        Map<String, Object> pipeline,
        List<ToolDefinition> tools,
        AudioPlan audio,
        SessionLimits limits,
        @Nullable String listen,
        RecordingMode recording) {
    public Agent {
        pipeline = OrderedMaps.copyOf(pipeline);
        tools = List.copyOf(tools);
    }

    /** An agent whose calls are not recorded. */
    public Agent(
            String name,
            String bot,
            Map<String, Object> pipeline,
            List<ToolDefinition> tools,
            AudioPlan audio,
            SessionLimits limits,
            @Nullable String listen) {
        this(name, bot, pipeline, tools, audio, limits, listen, RecordingMode.OFF);
    }

    /** An agent of the given kind with nothing but defaults, for instance {@code echo}. */
    public static Agent of(String name, String bot) {
        return new Agent(name, bot, Map.of(), List.of(), AudioPlan.DEFAULT, SessionLimits.DEFAULTS, null);
    }

    /** The same agent with other deadlines. */
    public Agent withLimits(SessionLimits value) {
        return new Agent(name, bot, pipeline, tools, audio, value, listen, recording);
    }

    /** The same agent with another pipeline. */
    public Agent withPipeline(Map<String, Object> value) {
        return new Agent(name, bot, value, tools, audio, limits, listen, recording);
    }

    /** The same agent, recorded or not. */
    public Agent withRecording(RecordingMode value) {
        return new Agent(name, bot, pipeline, tools, audio, limits, listen, value);
    }

    /** Whether it, or a member of its team, recognises speech, by a recogniser or by a model that hears. */
    public boolean hears() {
        return hasSection("stt") || modelHearsAndSpeaks();
    }

    /** Whether it, or a member of its team, speaks, by a voice or by a model that speaks. */
    public boolean speaks() {
        return hasSection("tts") || modelHearsAndSpeaks();
    }

    /** A section of its pipeline; empty when it has none. */
    public Map<?, ?> section(String key) {
        return asMap(pipeline.get(key));
    }

    private boolean hasSection(String key) {
        return pipeline.containsKey(key) || members().stream().anyMatch(member -> member.containsKey(key));
    }

    private boolean modelHearsAndSpeaks() {
        return isSpeechToSpeech(section("llm").get("type"))
                || members().stream()
                        .anyMatch(member ->
                                isSpeechToSpeech(asMap(member.get("llm")).get("type")));
    }

    /** By the names such models have in the runner's table: {@code openai_realtime}, {@code gemini_live}. */
    private static boolean isSpeechToSpeech(@Nullable Object type) {
        return type instanceof String name && (name.endsWith("_realtime") || name.endsWith("_live"));
    }

    private List<? extends Map<?, ?>> members() {
        return section("team").get("members") instanceof List<?> members
                ? members.stream()
                        .map(member -> asMap(asMap(member).get("agent")))
                        .toList()
                : List.of();
    }

    private static Map<?, ?> asMap(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    /** Prompts and keys stay out of messages. */
    @Override
    public String toString() {
        return "Agent[" + name + ", " + bot + "]";
    }
}
