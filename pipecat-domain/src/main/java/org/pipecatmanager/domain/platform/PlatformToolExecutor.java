package org.pipecatmanager.domain.platform;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.out.ToolExecutor;

/**
 * Has ai-manager carry tools out, once: the platform knows no idempotency key, so a tool that may have been carried out is
 * not tried again, and the model is told so.
 */
public final class PlatformToolExecutor implements ToolExecutor {
    private static final Logger LOG = System.getLogger(PlatformToolExecutor.class.getPackageName());

    private final AiManager aiManager;
    private final TimeSource time;

    public PlatformToolExecutor(AiManager aiManager, TimeSource time) {
        this.aiManager = aiManager;
        this.time = time;
    }

    @Override
    public ToolResult execute(Pipecatcall call, ToolDefinition tool, ToolCall toolCall) {
        if (call.referenceType() != ReferenceType.AI_CALL) {
            return ToolResult.failure(toolCall.id(), "this call is not a conversation of ai-manager and has no tools");
        }
        long since = time.nanoTime();
        try {
            // Whatever id ai-manager answers with.
            return aiManager.executeTool(call.referenceId(), toolCall).answering(toolCall.id());
        } catch (ManagerException e) {
            LOG.log(
                    Level.WARNING,
                    "call " + call.id() + ": tool '" + tool.name() + "', tool call " + toolCall.id() + ": "
                            + e.getMessage());
            return ToolResult.failure(toolCall.id(), reason(e.kind(), time.nanoTime() - since));
        }
    }

    private static String reason(ManagerException.Kind kind, long tookNanos) {
        return switch (kind) {
            case NOT_FOUND -> "the platform does not know this tool or this conversation";
            case REFUSED -> "the platform refused to carry it out";
            case UNREACHABLE ->
                tookNanos >= AiManager.TOOL_DEADLINE.toNanos()
                        ? "it took longer than " + AiManager.TOOL_DEADLINE.toSeconds()
                                + " s; it may still be carried out"
                        : "the platform cannot be reached; it was probably not carried out";
        };
    }
}
