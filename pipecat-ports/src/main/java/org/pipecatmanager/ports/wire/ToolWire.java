package org.pipecatmanager.ports.wire;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;

/** A tool call as the runner posts it, and its answer. */
public final class ToolWire {
    private static final Set<String> RESULT_KEYS =
            Set.of("tool_call_id", "result", "message", "resource_type", "resource_id");

    private ToolWire() {}

    /**
     * The body {@code {id, type, function: {name, arguments}}}, where {@code arguments} is itself JSON text.
     *
     * @param parse turns that text into a plain map; may throw any unchecked exception when it is not an object. It is not
     *     asked when the text is empty, which means no arguments
     * @throws org.pipecatmanager.ports.out.RequestException a field is missing or malformed
     */
    public static ToolCall callFromMap(Map<String, ?> body, Function<String, ? extends Map<String, Object>> parse) {
        var reader = new MapReader(body);
        var id = reader.requiredText("id");
        var type = reader.text("type");
        if (!type.isEmpty() && !type.equals("function")) {
            throw reader.invalid("type", "is '" + MapReader.shown(type) + "'; use function");
        }
        var function = reader.object("function");
        var name = function.requiredText("name");
        var arguments = function.text("arguments");
        return new ToolCall(id, name, arguments, arguments.isEmpty() ? Map.of() : parsed(function, arguments, parse));
    }

    private static Map<String, Object> parsed(
            MapReader function, String arguments, Function<String, ? extends Map<String, Object>> parse) {
        try {
            return PlainValues.copyOfMap(parse.apply(arguments));
        } catch (RuntimeException e) {
            // The parser's message quotes its input, so it stays out.
            throw function.invalid(
                    "arguments", "are not the text of a JSON object (" + arguments.length() + " characters)");
        }
    }

    /** The same body, for whoever asks another service; {@code arguments} stays the text the model wrote. */
    public static Map<String, @Nullable Object> toMap(ToolCall call) {
        return new MapWriter()
                .always("id", call.id())
                .always("type", "function")
                .always(
                        "function",
                        new MapWriter()
                                .always("name", call.name())
                                .always("arguments", call.argumentsJson())
                                .map())
                .map();
    }

    /**
     * Keys in order: {@code tool_call_id}, {@code result} ({@code success} or {@code failed}), {@code message},
     * {@code resource_type}, {@code resource_id}, all always printed, and {@code data} where there is some.
     */
    public static Map<String, @Nullable Object> toMap(ToolResult result) {
        var writer = new MapWriter()
                .always("tool_call_id", result.toolCallId())
                .always("result", result.succeeded() ? "success" : "failed")
                .always("message", result.message())
                .always("resource_type", result.resourceType())
                .always("resource_id", result.resourceId());
        if (result.data() != null) {
            writer.always("data", PlainValues.copy(result.data()));
        }
        return writer.map();
    }

    /**
     * What ai-manager answers; keys it has besides {@code tool_call_id}, {@code result}, {@code message},
     * {@code resource_type} and {@code resource_id} become the result's data.
     *
     * @param toolCallId of the call, where the answer has none
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed, or {@code result} is neither
     *     {@code success} nor {@code failed}
     */
    public static ToolResult resultFromMap(String toolCallId, Map<String, ?> map) {
        var reader = new MapReader(map);
        var answeredId = reader.text("tool_call_id");
        var result = reader.text("result");
        if (!result.equals("success") && !result.equals("failed")) {
            throw reader.invalid("result", "is '" + MapReader.shown(result) + "'; use success or failed");
        }
        var extra = new LinkedHashMap<>(PlainValues.copyOfMap(map));
        extra.keySet().removeAll(RESULT_KEYS);
        return new ToolResult(
                answeredId.isEmpty() ? toolCallId : answeredId,
                result.equals("success"),
                reader.text("message"),
                reader.text("resource_type"),
                reader.text("resource_id"),
                extra.isEmpty() ? null : Collections.unmodifiableMap(extra));
    }
}
