package org.pipecatmanager.ports.model;

import java.util.Map;

/**
 * The model wants a tool carried out.
 *
 * @param id            the runner's, which may repeat; for a {@code ToolExecutor} unique within the call and its idempotency
 *     key
 * @param name          function name
 * @param argumentsJson the arguments as the model wrote them
 * @param arguments     the same, parsed
 */
public record ToolCall(String id, String name, String argumentsJson, Map<String, Object> arguments) {
    public ToolCall {
        arguments = OrderedMaps.copyOf(arguments);
    }

    /** Arguments stay out of logs. */
    @Override
    public String toString() {
        return "ToolCall[" + id + ", " + name + "]";
    }
}
