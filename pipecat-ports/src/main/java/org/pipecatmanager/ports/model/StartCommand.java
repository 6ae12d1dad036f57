package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A request to start a call, as RPC, HTTP and CLI bring it. Empty strings and zero UUIDs mean "not given".
 *
 * @param agent name of an agent of {@code agents.yaml}; other fields override the agent's
 */
public record StartCommand(
        PipecatcallId id,
        UUID customerId,
        UUID activeflowId,
        ReferenceType referenceType,
        UUID referenceId,
        String llmType,
        List<Map<String, Object>> llmMessages,
        String sttType,
        String sttLanguage,
        String ttsType,
        String ttsLanguage,
        String ttsVoiceId,
        String agent) {
    public StartCommand {
        llmMessages = OrderedMaps.copyOf(llmMessages);
    }

    /** A start of an agent and nothing else. */
    public static StartCommand ofAgent(PipecatcallId id, String agent) {
        return new StartCommand(
                id, Ids.ZERO, Ids.ZERO, ReferenceType.NONE, Ids.ZERO, "", List.of(), "", "", "", "", "", agent);
    }

    /** Messages to the model stay out of logs. */
    @Override
    public String toString() {
        return "StartCommand[" + id + ", agent '" + agent + "']";
    }
}
