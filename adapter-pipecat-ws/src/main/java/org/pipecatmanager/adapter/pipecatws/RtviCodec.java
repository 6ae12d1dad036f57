package org.pipecatmanager.adapter.pipecatws;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.TurnMetrics.Sample;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * RTVI 2.2 JSON to typed message and command to JSON. Pure; safe for all threads.
 *
 * <p>Message types we have no use for are {@link Reading.Unused}; a daemon older than its runner goes on.
 */
final class RtviCodec {
    /** Protocol version we speak, from pipecat's RTVI models. */
    static final String VERSION = "2.2.0";

    private static final String LABEL = "rtvi-ai";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final JsonNode NOTHING = JSON.createObjectNode();
    /** What a runner may end a call for by itself. */
    private static final Set<EndReason> RUNNER_REASONS =
            Set.of(EndReason.BOT_ENDED, EndReason.TRANSFERRED, EndReason.IDLE, EndReason.RUNNER_LOST);

    /** A silence that is older is not what ended the caller's turn. */
    private static final long MAX_AGO_MILLIS = 10_000;

    private RtviCodec() {}

    /** What became of a text. */
    sealed interface Reading {
        /** Something about the conversation. */
        record Understood(RunnerMessage message) implements Reading {}

        /** RTVI, of a type that means nothing to us. */
        record Unused() implements Reading {}

        /**
         * Not RTVI.
         *
         * @param what metric label: {@code bad_json}, {@code foreign_label} or {@code incomplete_message}
         */
        record Ignored(String what) implements Reading {}
    }

    /** Reads one message. */
    static Reading decode(String json) {
        JsonNode envelope;
        try {
            envelope = JSON.readTree(json);
        } catch (JacksonException e) {
            return new Reading.Ignored("bad_json");
        }
        if (!LABEL.equals(text(envelope, "label"))) {
            return new Reading.Ignored("foreign_label");
        }
        JsonNode data = envelope.path("data").isObject() ? envelope.path("data") : NOTHING;
        try {
            RunnerMessage message = message(text(envelope, "type"), data);
            return message == null ? new Reading.Unused() : new Reading.Understood(message);
        } catch (MissingKey e) {
            return new Reading.Ignored("incomplete_message");
        }
    }

    private static @Nullable RunnerMessage message(String type, JsonNode data) throws MissingKey {
        return switch (type) {
            case "bot-ready" -> new RunnerMessage.BotReady(text(data, "version"));
            case "user-transcription" ->
                new RunnerMessage.UserTranscription(
                        required(data, "text"), data.path("final").asBoolean(false));
            case "user-llm-text" -> new RunnerMessage.UserLlmText(required(data, "text"));
            case "bot-transcription" -> new RunnerMessage.BotTranscription(required(data, "text"));
            case "bot-llm-started" -> new RunnerMessage.BotLlmStarted();
            case "bot-llm-text" -> new RunnerMessage.BotLlmText(required(data, "text"));
            case "bot-llm-stopped" -> new RunnerMessage.BotLlmStopped();
            case "bot-output" -> botOutput(data);
            case "user-started-speaking" -> new RunnerMessage.UserStartedSpeaking();
            case "user-stopped-speaking" -> new RunnerMessage.UserStoppedSpeaking();
            case "bot-started-speaking" -> new RunnerMessage.BotStartedSpeaking();
            case "bot-stopped-speaking" -> new RunnerMessage.BotStoppedSpeaking();
            case "llm-function-call-in-progress" ->
                new RunnerMessage.ToolCallInProgress(required(data, "tool_call_id"), text(data, "function_name"));
            case "llm-function-call-stopped" ->
                new RunnerMessage.ToolCallStopped(
                        required(data, "tool_call_id"),
                        text(data, "function_name"),
                        data.path("cancelled").asBoolean(false));
            case "metrics" -> new RunnerMessage.Metrics(samples(data));
            case "error" ->
                new RunnerMessage.PipelineError(
                        text(data, "error"), data.path("fatal").asBoolean(false));
            case "error-response" -> new RunnerMessage.PipelineError(text(data, "error"), false);
            case "server-message" -> serverMessage(text(data, "t"), data.path("d"));
            default -> null;
        };
    }

    /** Only the 2.x form tells what was heard; sentences that will not be spoken have no progress. */
    private static @Nullable RunnerMessage botOutput(JsonNode data) throws MissingKey {
        String sentence = required(data, "text");
        String segment = text(data, "segment_id");
        return switch (text(data, "spoken_status")) {
            case "new" -> new RunnerMessage.BotOutput(segment, sentence, "", false);
            case "in-progress" ->
                new RunnerMessage.BotOutput(
                        segment, sentence, text(data.path("spoken_progress"), "accumulated_text"), false);
            case "completed" -> new RunnerMessage.BotOutput(segment, sentence, sentence, true);
            default -> null;
        };
    }

    private static @Nullable RunnerMessage serverMessage(String type, JsonNode detail) {
        return switch (type) {
            case "call-ending" -> callEnding(detail);
            case "vad-stopped" ->
                new RunnerMessage.VoiceStopped(Math.clamp(detail.path("ago_ms").asLong(0), 0, MAX_AGO_MILLIS));
            case "provider-error" -> providerError(detail);
            case "context" -> context(detail);
            case "paused" -> new RunnerMessage.BotPaused();
            case "heard-estimated" -> new RunnerMessage.HeardEstimated(text(detail, "segment_id"));
            default -> null;
        };
    }

    private static RunnerMessage providerError(JsonNode detail) {
        return new RunnerMessage.ProviderError(
                new ProviderFailure(
                        text(detail, "part"),
                        text(detail, "provider"),
                        text(detail, "kind"),
                        text(detail, "action"),
                        text(detail, "to")),
                text(detail, "message"));
    }

    /** Without a list of messages it says nothing. */
    private static @Nullable RunnerMessage context(JsonNode detail) {
        if (!detail.path("messages").isArray()) {
            return null;
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        for (JsonNode message : detail.path("messages")) {
            if (message.isObject()) {
                messages.add(JSON.convertValue(message, OBJECT));
            }
        }
        return new RunnerMessage.Context(Math.max(0, detail.path("from").asInt(0)), messages, text(detail, "member"));
    }

    private static RunnerMessage callEnding(JsonNode detail) {
        EndReason reason = RUNNER_REASONS.stream()
                .filter(known -> known.wireName().equals(text(detail, "reason")))
                .findAny()
                .orElse(EndReason.BOT_ENDED);
        return new RunnerMessage.CallEnding(reason, text(detail, "message"));
    }

    /**
     * Pipecat groups figures by kind; the figure is {@code value}, or a field named like the kind, or (tokens and
     * recogniser usage)
     * several named fields, each of which becomes a kind of its own.
     */
    private static List<Sample> samples(JsonNode data) {
        List<Sample> samples = new ArrayList<>();
        for (Map.Entry<String, JsonNode> group : data.properties()) {
            for (JsonNode item : group.getValue()) {
                String processor = text(item, "processor");
                JsonNode value = item.has("value") ? item.path("value") : item.path(group.getKey());
                if (value.isNumber()) {
                    samples.add(new Sample(group.getKey(), processor, value.asDouble()));
                } else {
                    for (Map.Entry<String, JsonNode> figure : (value.isObject() ? value : item).properties()) {
                        if (figure.getValue().isNumber()) {
                            samples.add(new Sample(
                                    figure.getKey(),
                                    processor,
                                    figure.getValue().asDouble()));
                        }
                    }
                }
            }
        }
        return samples;
    }

    private static String text(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isString() ? value.stringValue() : value.isNumber() ? value.asString() : "";
    }

    private static String required(JsonNode node, String key) throws MissingKey {
        if (!node.path(key).isString()) {
            throw new MissingKey();
        }
        return node.path(key).stringValue();
    }

    /**
     * Writes a command.
     *
     * @param id of the message, unique on the link
     * @return JSON, or null for {@link RunnerCommand.Interrupt}, which has a frame of its own
     */
    static @Nullable String encode(RunnerCommand command, String id) {
        return switch (command) {
            case RunnerCommand.ClientReady() ->
                envelope("client-ready", id, Map.of("version", VERSION, "about", Map.of("library", "pipecat-manager")));
            case RunnerCommand.SendText(String content, boolean runImmediately, boolean audioResponse) ->
                envelope(
                        "send-text",
                        id,
                        Map.of(
                                "content",
                                content,
                                "options",
                                Map.of("run_immediately", runImmediately, "audio_response", audioResponse)));
            case RunnerCommand.PressKey(char key) ->
                envelope("dtmf", id, Map.of("buttons", List.of(String.valueOf(key))));
            case RunnerCommand.Interrupt() -> null;
        };
    }

    private static String envelope(String type, String id, Map<String, Object> data) {
        return JSON.writeValueAsString(Map.of("label", LABEL, "type", type, "id", id, "data", data));
    }

    /** A playout report; numbers only, written without a tree because it goes out 25 times a second. */
    static String encodePlayout(long positionMillis, long limitMillis, long queuedMillis) {
        return PLAYOUT + "\"pos_ms\":" + positionMillis + ",\"limit_ms\":" + limitMillis + ",\"queued_ms\":"
                + queuedMillis + "}}}";
    }

    /** The answer to an interruption: the queue is empty then. */
    static String encodeFlushed(long atMillis, long droppedMillis, long limitMillis) {
        return PLAYOUT + "\"pos_ms\":" + (atMillis + droppedMillis) + ",\"limit_ms\":" + limitMillis
                + ",\"queued_ms\":0,\"event\":\"flushed\",\"at_ms\":" + atMillis + ",\"dropped_ms\":" + droppedMillis
                + "}}}";
    }

    /** How every report begins. */
    static final String PLAYOUT =
            "{\"label\":\"rtvi-ai\",\"type\":\"client-message\",\"id\":\"p\",\"data\":{\"t\":\"playout\",\"d\":{";

    /** A key without which the message says nothing. */
    private static final class MissingKey extends Exception {
        private static final long serialVersionUID = 1L;

        MissingKey() {
            super(null, null, false, false);
        }
    }
}
