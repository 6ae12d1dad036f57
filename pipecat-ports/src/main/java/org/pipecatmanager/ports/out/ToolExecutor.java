package org.pipecatmanager.ports.out;

import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;

/**
 * Carries out the tools a model calls.
 *
 * <p><b>Threads.</b> Any thread that may block; bounded by the tool's deadline.
 *
 * <p><b>Failures.</b> Values, not exceptions. The tool call's id is the idempotency key of every attempt.
 */
public interface ToolExecutor {
    ToolResult execute(Pipecatcall call, ToolDefinition tool, ToolCall toolCall);
}
