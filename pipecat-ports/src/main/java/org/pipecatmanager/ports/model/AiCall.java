package org.pipecatmanager.ports.model;

import java.util.Map;
import java.util.UUID;

/**
 * A conversation of ai-manager.
 *
 * @param assistanceType  {@code ai} or {@code team}
 * @param assistanceId    the AI or the team
 * @param referenceType   {@code call} for a voice conversation; {@code conversation}, {@code task}, {@code contact_case} or
 *                        empty for text
 * @param referenceId     with {@code call}, the call of call-manager
 * @param currentMemberId the member of the team that has the conversation, or the zero UUID
 * @param vadConfig       voice activity section, may be empty
 */
public record AiCall(
        UUID id,
        String assistanceType,
        UUID assistanceId,
        String referenceType,
        UUID referenceId,
        UUID currentMemberId,
        Map<String, Object> vadConfig,
        boolean smartTurnEnabled) {
    public AiCall {
        vadConfig = OrderedMaps.copyOf(vadConfig);
    }

    /** Whether a caller is on the telephone. */
    public boolean isVoice() {
        return referenceType.equals("call");
    }

    /** Whether a team answers. */
    public boolean isTeam() {
        return assistanceType.equals("team");
    }
}
