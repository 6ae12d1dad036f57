package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * An assistant of ai-manager.
 *
 * @param type        {@code normal}, {@code insight} or empty; decides which tools it may have
 * @param engineModel {@code <vendor>.<model>}
 * @param engineKey   the provider's key, may be empty
 * @param parameter   of the model: temperature and the like
 * @param ragId       its knowledge, or the zero UUID
 * @param vadConfig   voice activity section, may be empty
 * @param toolNames   the tools it is given, {@code all} for every one of its type
 */
public record Ai(
        UUID id,
        String type,
        String engineModel,
        Secret engineKey,
        Map<String, Object> parameter,
        UUID ragId,
        String initPrompt,
        String ttsType,
        String ttsVoiceId,
        String sttType,
        Map<String, Object> vadConfig,
        boolean smartTurnEnabled,
        List<String> toolNames) {
    public Ai {
        parameter = OrderedMaps.copyOf(parameter);
        vadConfig = OrderedMaps.copyOf(vadConfig);
        toolNames = List.copyOf(toolNames);
    }

    /** Prompts and keys stay out of messages. */
    @Override
    public String toString() {
        return "Ai[" + id + ", type '" + type + "']";
    }
}
