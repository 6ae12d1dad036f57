package org.pipecatmanager.ports.out;

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
    AiCall aiCall(UUID id);

    Ai ai(UUID id);

    Team team(UUID id);

    /** The catalogue of tools. */
    List<ToolDefinition> tools();

    /** Carries a tool out for a conversation; what the tool itself could not do is a failed result. */
    ToolResult executeTool(UUID aiCallId, ToolCall call);
}
