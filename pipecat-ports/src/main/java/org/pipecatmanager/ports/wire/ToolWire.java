package org.pipecatmanager.ports.wire;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;

/** A tool call as the runner posts it, and its answer. */
public final class ToolWire {
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
}
