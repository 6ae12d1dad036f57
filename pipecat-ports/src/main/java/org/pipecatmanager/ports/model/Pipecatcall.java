package org.pipecatmanager.ports.model;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The record of a call: database row, RPC answer, cache value and event payload are all this.
 *
 * <p>Strings are empty, never null, where there is nothing; {@code llmMessages} are free JSON objects as plain maps.
 *
 * @param status    null only in records another implementation wrote
 * @param endReason null until the call is ending
 * @param agent     name of the agent in the embedded default, else empty
 */
public record Pipecatcall(
        PipecatcallId id,
        UUID customerId,
        UUID activeflowId,
        ReferenceType referenceType,
        UUID referenceId,
        String hostId,
        String llmType,
        List<Map<String, Object>> llmMessages,
        String sttType,
        String sttLanguage,
        String ttsType,
        String ttsLanguage,
        String ttsVoiceId,
        @Nullable PipecatcallStatus status,
        @Nullable EndReason endReason,
        String agent,
        @Nullable Instant created,
        @Nullable Instant updated,
        @Nullable Instant deleted,
        @Nullable Instant ended)
        implements EventPayload {
    public Pipecatcall {
        Objects.requireNonNull(id, "id is null");
        llmMessages = OrderedMaps.copyOf(llmMessages);
    }

    /** The record a start request becomes. */
    public static Pipecatcall accepted(StartCommand command, String hostId, Instant now) {
        return new Pipecatcall(
                command.id(),
                command.customerId(),
                command.activeflowId(),
                command.referenceType(),
                command.referenceId(),
                hostId,
                command.llmType(),
                command.llmMessages(),
                command.sttType(),
                command.sttLanguage(),
                command.ttsType(),
                command.ttsLanguage(),
                command.ttsVoiceId(),
                PipecatcallStatus.STARTING,
                null,
                command.agent(),
                now,
                now,
                null,
                null);
    }

    /** The same record in another status; {@code ended} is stamped when that status is {@code ENDED}. */
    public Pipecatcall withStatus(PipecatcallStatus newStatus, @Nullable EndReason reason, Instant now) {
        return new Pipecatcall(
                id,
                customerId,
                activeflowId,
                referenceType,
                referenceId,
                hostId,
                llmType,
                llmMessages,
                sttType,
                sttLanguage,
                ttsType,
                ttsLanguage,
                ttsVoiceId,
                newStatus,
                reason,
                agent,
                created,
                now,
                deleted,
                newStatus == PipecatcallStatus.ENDED ? now : ended);
    }

    /** What events of this call carry to identify it. */
    public SessionRef ref() {
        return new SessionRef(customerId, id, referenceType, referenceId, activeflowId);
    }

    /** Messages to the model stay out of logs. */
    @Override
    public String toString() {
        return "Pipecatcall[" + id + ", " + status + ", " + endReason + ", host " + hostId + "]";
    }
}
