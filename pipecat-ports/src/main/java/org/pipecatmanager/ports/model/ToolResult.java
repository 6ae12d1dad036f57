package org.pipecatmanager.ports.model;

import org.jspecify.annotations.Nullable;

/**
 * What a tool answered.
 *
 * @param message      for the model: the reason of a failure, or a text result; may be empty
 * @param resourceType platform only, else empty
 * @param resourceId   platform only, else empty
 * @param data         the JSON body of a webhook as plain JDK values, or null
 */
public record ToolResult(
        String toolCallId,
        boolean succeeded,
        String message,
        String resourceType,
        String resourceId,
        @Nullable Object data) {
    /** A webhook's answer. */
    public static ToolResult success(String toolCallId, @Nullable Object data) {
        return new ToolResult(toolCallId, true, "", "", "", data);
    }

    /** Why it did not work, in words a model can pass on. */
    public static ToolResult failure(String toolCallId, String message) {
        return new ToolResult(toolCallId, false, message, "", "", null);
    }

    /** The same, as the result of the call with this id. */
    public ToolResult answering(String otherToolCallId) {
        return new ToolResult(otherToolCallId, succeeded, message, resourceType, resourceId, data);
    }

    /** Results stay out of logs. */
    @Override
    public String toString() {
        return "ToolResult[" + toolCallId + ", " + (succeeded ? "success" : "failed") + "]";
    }
}
