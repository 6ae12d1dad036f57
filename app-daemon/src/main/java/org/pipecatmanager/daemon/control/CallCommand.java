package org.pipecatmanager.daemon.control;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.explain.Evidence;
import org.pipecatmanager.daemon.explain.Explanation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One of {@code pipecat-control pipecatcall …}, or {@code providers}: its flags, and what it asks.
 *
 * @param required flags, with dashes
 * @param optional likewise
 * @param story    the answer as a person wants to read it, unless {@code --json} is given; null for JSON always
 */
record CallCommand(
        String name,
        String description,
        List<String> required,
        List<String> optional,
        Question question,
        @Nullable Function<JsonNode, String> story) {
    private CallCommand(
            String name, String description, List<String> required, List<String> optional, Question question) {
        this(name, description, required, optional, question, null);
    }

    private static final String CALLS = "/v1/pipecatcalls";
    private static final String ID = "id";
    private static final String TEXT = "message-text";
    /** Flags without a value. */
    private static final List<String> SWITCHES = List.of("run-immediately", "audio-response", "json", "transcript");

    static final CallCommand GET = new CallCommand(
            "get",
            "the record of a call",
            List.of(ID),
            List.of(),
            (target, given) -> target.ask("GET", call(given), null));
    static final CallCommand LIST = new CallCommand(
            "list",
            "records, newest first",
            List.of(),
            List.of("page-size", "page-token", "customer-id", "reference-id", "host-id", "status"),
            (target, given) -> target.ask("GET", CALLS + query(given), null));
    static final CallCommand START = new CallCommand(
            "start",
            "start a call; without --id one is made",
            List.of(),
            List.of(
                    ID,
                    "agent",
                    "customer-id",
                    "activeflow-id",
                    "reference-type",
                    "reference-id",
                    "llm-type",
                    "stt-type",
                    "stt-language",
                    "tts-type",
                    "tts-language",
                    "tts-voice-id"),
            (target, given) -> target.ask("POST", CALLS, underscored(given)));
    static final CallCommand TERMINATE = new CallCommand(
            "terminate",
            "end a call, on the daemon that owns it",
            List.of(ID),
            List.of(),
            (target, given) -> target.askOwner(id(given), "POST", call(given) + "/stop", null));
    static final CallCommand SEND_MESSAGE = new CallCommand(
            "send-message",
            "put text into a call",
            List.of(ID, TEXT),
            List.of("message-id", "run-immediately", "audio-response"),
            CallCommand::sendMessage);
    static final CallCommand SHOW = new CallCommand(
            "show",
            "a call as a person wants to read it; --json for programs",
            List.of(ID),
            List.of("json"),
            (target, given) -> CallStory.gather(target, call(given)),
            CallStory::of);
    /** Beside the calls: what the runner has. */
    static final CallCommand PROVIDERS = new CallCommand(
            "providers",
            "what models, recognisers and voices the runner has; --json for programs",
            List.of(),
            List.of("json"),
            (target, given) -> target.ask("GET", "/v1/providers", null),
            ProviderList::of);

    /** Beside the calls: why one was bad. */
    static final CallCommand EXPLAIN = new CallCommand(
            "explain",
            "why a call was bad, with the evidence and what to do; what was said only with --transcript",
            List.of(ID),
            List.of("transcript", "json"),
            CallCommand::explain,
            answer -> answer.path("text").asString(""));

    static final List<CallCommand> ALL = List.of(GET, LIST, START, TERMINATE, SEND_MESSAGE, SHOW);

    /** Asks for it. */
    @FunctionalInterface
    interface Question {
        JsonNode ask(ControlTarget target, Map<String, Object> given) throws ControlFailure, InterruptedException;
    }

    static boolean isSwitch(String key) {
        return SWITCHES.contains(key);
    }

    /** Every spelling of a key as a flag, the one with dashes first. */
    static List<String> spellings(String key) {
        List<String> names = new ArrayList<>(List.of("--" + key));
        if (key.contains("-")) {
            names.add("--" + key.replace('-', '_'));
        }
        if (key.equals(TEXT)) {
            names.add("--message");
        }
        return names;
    }

    /** The explanation, with the text for people beside it where that is asked for. */
    private static JsonNode explain(ControlTarget target, Map<String, Object> given)
            throws ControlFailure, InterruptedException {
        JsonNode all = CallStory.gatherWithReport(target, call(given));
        boolean transcript = Boolean.TRUE.equals(given.get("transcript"));
        Explanation explanation = Explanation.of(Evidence.of(all), transcript);
        ObjectNode answer = JsonMapper.shared().valueToTree(explanation.toMap());
        return answer.put("text", explanation.text());
    }

    private static JsonNode sendMessage(ControlTarget target, Map<String, Object> given)
            throws ControlFailure, InterruptedException {
        Map<String, Object> body = underscored(given);
        body.put("pipecatcall_id", String.valueOf(body.remove(ID)));
        return target.askOwner(id(given), "POST", "/v1/messages", body);
    }

    private static String id(Map<String, Object> given) {
        return String.valueOf(given.get(ID));
    }

    private static String call(Map<String, Object> given) {
        return CALLS + "/" + encoded(id(given));
    }

    private static String query(Map<String, Object> given) {
        return given.isEmpty()
                ? ""
                : underscored(given).entrySet().stream()
                        .map(entry ->
                                entry.getKey() + "=" + encoded(entry.getValue().toString()))
                        .collect(Collectors.joining("&", "?", ""));
    }

    private static Map<String, Object> underscored(Map<String, Object> given) {
        Map<String, Object> body = new LinkedHashMap<>();
        given.forEach((key, value) -> body.put(key.replace('-', '_'), value));
        return body;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
