package org.pipecatmanager.ports.out;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;

/**
 * The platform's assistants, their conversations and their tools.
 *
 * <p><b>Threads.</b> Any that may block; bounded by the implementation's deadline.
 *
 * <p><b>Failures.</b> {@link ManagerException}.
 */
public interface AiManager {
    /**
     * How long {@link #executeTool} may take. The runner is told this and a margin, so that of the deadlines along the way
     * the one that can still explain itself comes first. Ten seconds are what the platform's runners have always waited.
     */
    Duration TOOL_DEADLINE = Duration.ofSeconds(10);

    AiCall aiCall(UUID id);

    Ai ai(UUID id);

    Team team(UUID id);

    /** The catalogue of tools. */
    List<ToolDefinition> tools();

    /**
     * Carries a tool out for a conversation; what the tool itself could not do is a failed result. Waits no longer than
     * {@link #TOOL_DEADLINE}; the tool may go on after that.
     */
    ToolResult executeTool(UUID aiCallId, ToolCall call);
}
