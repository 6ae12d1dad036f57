package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A request to start a call, as RPC, HTTP and CLI bring it. Empty strings and zero UUIDs mean "not given".
 *
 * @param agent name of an agent of {@code agents.yaml}; other fields override the agent's
 * @param trace what the request was part of, from its header; null when it said nothing. No part of what is asked for
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
        String agent,
        @Nullable TraceContext trace) {
    public StartCommand {
        llmMessages = OrderedMaps.copyOf(llmMessages);
    }

    /** A start whose request says nothing of a trace. */
    public StartCommand(
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
        this(
                id,
                customerId,
                activeflowId,
                referenceType,
                referenceId,
                llmType,
                llmMessages,
                sttType,
                sttLanguage,
                ttsType,
                ttsLanguage,
                ttsVoiceId,
                agent,
                null);
    }

    /** A start of an agent and nothing else. */
    public static StartCommand ofAgent(PipecatcallId id, String agent) {
        return new StartCommand(
                id, Ids.ZERO, Ids.ZERO, ReferenceType.NONE, Ids.ZERO, "", List.of(), "", "", "", "", "", agent);
    }

    /** The same, of another agent. */
    public StartCommand withAgent(String name) {
        return with(name, trace);
    }

    /** The same, in another trace. */
    public StartCommand withTrace(@Nullable TraceContext newTrace) {
        return with(agent, newTrace);
    }

    private StartCommand with(String newAgent, @Nullable TraceContext newTrace) {
        return new StartCommand(
                id,
                customerId,
                activeflowId,
                referenceType,
                referenceId,
                llmType,
                llmMessages,
                sttType,
                sttLanguage,
                ttsType,
                ttsLanguage,
                ttsVoiceId,
                newAgent,
                newTrace);
    }

    /** Messages to the model stay out of logs. */
    @Override
    public String toString() {
        return "StartCommand[" + id + ", agent '" + agent + "']";
    }
}
