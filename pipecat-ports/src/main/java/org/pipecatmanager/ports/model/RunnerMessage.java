package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;

/** What a runner tells about the conversation (RTVI server messages), typed; unknown ones are dropped by the adapter. */
public sealed interface RunnerMessage {
    /** The pipeline runs and answers messages. */
    record BotReady(String version) implements RunnerMessage {}

    /** What the recogniser understood; {@code isFinal} false for interim results. */
    record UserTranscription(String text, boolean isFinal) implements RunnerMessage {}

    /** The whole user turn as it goes to the model. */
    record UserLlmText(String text) implements RunnerMessage {}

    /** A sentence as the model made it, before it is spoken. */
    record BotTranscription(String text) implements RunnerMessage {}

    /** A generation begins. */
    record BotLlmStarted() implements RunnerMessage {}

    /** A piece of a generation. */
    record BotLlmText(String text) implements RunnerMessage {}

    /** A generation is complete. */
    record BotLlmStopped() implements RunnerMessage {}

    /**
     * Progress of a spoken sentence.
     *
     * @param segmentId which sentence
     * @param text      the whole sentence
     * @param heard     what of it has been heard so far
     * @param completed whether all of it was heard
     */
    record BotOutput(String segmentId, String text, String heard, boolean completed) implements RunnerMessage {}

    /** The caller started to speak. */
    record UserStartedSpeaking() implements RunnerMessage {}

    /** The caller's turn is decided to be over. */
    record UserStoppedSpeaking() implements RunnerMessage {}

    /**
     * The caller's voice fell silent; comes before it is decided whether the turn is over, if it comes at all.
     *
     * @param agoMillis how long before the message, 0 or more
     */
    record VoiceStopped(long agoMillis) implements RunnerMessage {}

    /**
     * The bot falls silent because the caller is heard, and may go on: what the interruption that follows throws away comes
     * again. Only a second interruption means it.
     */
    record BotPaused() implements RunnerMessage {}

    /** The bot started to be heard. */
    record BotStartedSpeaking() implements RunnerMessage {}

    /** The bot is no longer heard. */
    record BotStoppedSpeaking() implements RunnerMessage {}

    /** The model asked for a tool. */
    record ToolCallInProgress(String toolCallId, String name) implements RunnerMessage {}

    /** A tool call is over. */
    record ToolCallStopped(String toolCallId, String name, boolean cancelled) implements RunnerMessage {}

    /** Latencies and usage. */
    record Metrics(List<TurnMetrics.Sample> samples) implements RunnerMessage {}

    /** A provider failed, and what was done about it. */
    record ProviderError(ProviderFailure failure, String message) implements RunnerMessage {}

    /**
     * The conversation as the model has it.
     *
     * @param from     number of the first of the messages, 0, 1, …; replaces what was told from there
     * @param messages chat messages as plain maps
     * @param member   of the team, who has the call; empty without one
     */
    record Context(int from, List<Map<String, Object>> messages, String member) implements RunnerMessage {
        public Context {
            messages = OrderedMaps.copyOf(messages);
        }

        /** What was said stays out of logs. */
        @Override
        public String toString() {
            return "Context[from " + from + ", " + messages.size() + " messages]";
        }
    }

    /** How far the sentence of that segment was heard is an estimate. */
    record HeardEstimated(String segmentId) implements RunnerMessage {}

    /** The pipeline met an error. */
    record PipelineError(String message, boolean fatal) implements RunnerMessage {}

    /** The runner is about to close the call by itself, and why. */
    record CallEnding(EndReason reason, String message) implements RunnerMessage {}
}
