package org.pipecatmanager.adapter.mysql;

import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.RequestException;

/** Every statement that writes, for whoever holds the connection. Each may run again without another effect. */
final class Statements {
    /** The epoch of a call whose daemon has it; one that claims it raises it. */
    static final int OWNER_EPOCH = 1;

    private Statements() {}

    /**
     * Writes a new record of ours.
     *
     * @return false when its id is there already
     * @throws RequestException a value does not fit into its column
     */
    static boolean insertRecord(
            Handle handle, Dialect dialect, Pipecatcall call, String requestHash, HostInstance self) {
        try (var insert = handle.createUpdate("""
                INSERT INTO pipecat_pipecatcalls (id, customer_id, activeflow_id, reference_type, reference_id, host_id,
                  llm_type, llm_messages, stt_type, stt_language, tts_type, tts_language, tts_voice_id,
                  tm_create, tm_update, tm_delete, status, end_reason, tm_end, agent,
                  request_hash, instance_id, lease_epoch)
                VALUES (:id, :customer_id, :activeflow_id, :reference_type, :reference_id, :host_id,
                  :llm_type, :llm_messages, :stt_type, :stt_language, :tts_type, :tts_language, :tts_voice_id,
                  :tm_create, :tm_update, :tm_delete, :status, :end_reason, :tm_end, :agent,
                  :request_hash, :instance_id, :epoch)
                """)) {
            bind(insert, call);
            insert.bind("request_hash", requestHash)
                    .bind("instance_id", self.instanceId())
                    .bind("epoch", OWNER_EPOCH)
                    .execute();
            return true;
        } catch (RuntimeException e) {
            if (dialect.isDuplicateKey(e)) {
                return false;
            }
            if (SqlFailure.isAboutValue(e)) {
                throw SqlFailure.refused(e);
            }
            throw e;
        }
    }

    /**
     * Replaces a record that is ours.
     *
     * @return rows: 0 when there is none, or when another daemon has claimed it
     */
    static int updateRecord(Handle handle, Pipecatcall call, HostInstance self) {
        try (var update = handle.createUpdate("""
                UPDATE pipecat_pipecatcalls SET customer_id = :customer_id, activeflow_id = :activeflow_id,
                  reference_type = :reference_type, reference_id = :reference_id, host_id = :host_id,
                  llm_type = :llm_type, llm_messages = :llm_messages, stt_type = :stt_type, stt_language = :stt_language,
                  tts_type = :tts_type, tts_language = :tts_language, tts_voice_id = :tts_voice_id,
                  tm_create = :tm_create, tm_update = :tm_update, tm_delete = :tm_delete,
                  status = :status, end_reason = :end_reason, tm_end = :tm_end, agent = :agent
                WHERE id = :id AND instance_id = :instance_id AND lease_epoch = :epoch
                """)) {
            bind(update, call);
            return update.bind("instance_id", self.instanceId())
                    .bind("epoch", OWNER_EPOCH)
                    .execute();
        }
    }

    /**
     * Closes the row of an insert of ours that was never answered, where it is there and no later insert has taken it over
     * (which gives it another creation time).
     *
     * @return rows
     */
    static int closeUnanswered(Handle handle, Pipecatcall call, HostInstance self, Instant now) {
        try (var update = handle.createUpdate("""
                UPDATE pipecat_pipecatcalls SET status = :ended, end_reason = :reason, tm_end = :now, tm_update = :now
                WHERE id = :id AND instance_id = :instance_id AND lease_epoch = :epoch AND status = :starting
                  AND tm_create = :created
                """)) {
            return update.bind("ended", PipecatcallStatus.ENDED.wireName())
                    .bind("reason", EndReason.INTERNAL.wireName())
                    .bind("now", Columns.time(now))
                    .bind("id", Columns.bytes(call.id().value()))
                    .bind("instance_id", self.instanceId())
                    .bind("epoch", OWNER_EPOCH)
                    .bind("starting", PipecatcallStatus.STARTING.wireName())
                    .bind("created", Columns.time(call.created()))
                    .execute();
        }
    }

    /** Writes one message, unless its place in the call is taken. */
    static void insertMessage(Handle handle, SpokenMessage message) {
        try (var insert = handle.createUpdate("""
                INSERT INTO pipecat_messages (pipecatcall_id, position, speaker, text, interrupted, tm_said,
                  estimated)
                VALUES (:call, :position, :speaker, :text, :interrupted, :said, :estimated)
                ON DUPLICATE KEY UPDATE position = :position
                """)) {
            insert.bind("call", Columns.bytes(message.pipecatcallId().value()))
                    .bind("position", message.position())
                    .bind("speaker", Columns.name(message.speaker()))
                    .bind("text", message.text())
                    .bind("interrupted", message.interrupted())
                    .bind("said", Columns.time(message.at()))
                    .bind("estimated", message.estimated())
                    .execute();
        }
    }

    /** Writes one turn in place of what had its number. */
    static void upsertTurn(Handle handle, Turn turn) {
        try (var upsert = handle.createUpdate("""
                INSERT INTO pipecat_turns (pipecatcall_id, number, kind, tm_caller_stopped, end_of_turn_ms, transcript_ms,
                  first_token_ms, first_speech_ms, first_frame_ms, barge_in_ms, last_old_frame_ms,
                  stt_ms, llm_ttfb_ms, tts_ttfb_ms, prompt_tokens, completion_tokens, tts_characters)
                VALUES (:call, :number, :kind, :stopped, :end_of_turn, :transcript,
                  :first_token, :first_speech, :first_frame, :barge_in, :last_old_frame,
                  :stt, :llm_ttfb, :tts_ttfb, :prompt_tokens, :completion_tokens, :tts_characters)
                ON DUPLICATE KEY UPDATE kind = :kind, tm_caller_stopped = :stopped, end_of_turn_ms = :end_of_turn,
                  transcript_ms = :transcript, first_token_ms = :first_token, first_speech_ms = :first_speech,
                  first_frame_ms = :first_frame, barge_in_ms = :barge_in, last_old_frame_ms = :last_old_frame,
                  stt_ms = :stt, llm_ttfb_ms = :llm_ttfb, tts_ttfb_ms = :tts_ttfb, prompt_tokens = :prompt_tokens,
                  completion_tokens = :completion_tokens, tts_characters = :tts_characters
                """)) {
            upsert.bind("call", Columns.bytes(turn.pipecatcallId().value()))
                    .bind("number", turn.number())
                    .bind("kind", Columns.name(turn.kind()))
                    .bind("stopped", Columns.time(turn.callerStopped()))
                    .bind("end_of_turn", turn.endOfTurnMillis())
                    .bind("transcript", turn.transcriptMillis())
                    .bind("first_token", turn.firstTokenMillis())
                    .bind("first_speech", turn.firstSpeechMillis())
                    .bind("first_frame", turn.firstFrameMillis())
                    .bind("barge_in", turn.bargeInMillis())
                    .bind("last_old_frame", turn.lastOldFrameMillis())
                    .bind("stt", turn.figures().sttMillis())
                    .bind("llm_ttfb", turn.figures().llmTtfbMillis())
                    .bind("tts_ttfb", turn.figures().ttsTtfbMillis())
                    .bind("prompt_tokens", turn.figures().promptTokens())
                    .bind("completion_tokens", turn.figures().completionTokens())
                    .bind("tts_characters", turn.figures().ttsCharacters())
                    .execute();
        }
    }

    /**
     * Writes one event for a relay, unless it is there: the same call, type and sequence, or the call's one
     * {@code pipecatcall_terminated}.
     */
    static void insertOutbox(Handle handle, OutboxEntry entry, Instant created, HostInstance self) {
        var call = Columns.bytes(entry.pipecatcallId().value());
        boolean terminated = entry.type().equals(EventType.PIPECATCALL_TERMINATED.wireName());
        try (var insert = handle.createUpdate("""
                INSERT INTO pipecat_outbox
                  (id, pipecatcall_id, type, sequence, body, traceparent,
                  host_id, instance_id, terminated_id, tm_create)
                VALUES (:id, :call, :type, :sequence, :body, :traceparent,
                  :host, :instance, :terminated, :created)
                ON DUPLICATE KEY UPDATE tm_create = tm_create
                """)) {
            insert.bind("id", Columns.bytes(entry.messageId()))
                    .bind("call", call)
                    .bind("type", entry.type())
                    .bind("sequence", entry.sequence())
                    .bind("body", entry.body())
                    .bind("traceparent", Columns.traceparent(entry.trace()))
                    .bind("host", self.hostId())
                    .bind("instance", self.instanceId())
                    .bind("terminated", terminated ? call : null)
                    .bind("created", Columns.time(created))
                    .execute();
        }
    }

    private static void bind(SqlStatement<?> statement, Pipecatcall call) {
        var status = call.status();
        var endReason = call.endReason();
        statement
                .bind("id", Columns.bytes(call.id().value()))
                .bind("customer_id", Columns.bytes(call.customerId()))
                .bind("activeflow_id", Columns.bytes(call.activeflowId()))
                .bind("reference_type", call.referenceType().wireName())
                .bind("reference_id", Columns.bytes(call.referenceId()))
                .bind("host_id", call.hostId())
                .bind("llm_type", call.llmType())
                .bind("llm_messages", call.llmMessages().isEmpty() ? null : Columns.json(call.llmMessages()))
                .bind("stt_type", call.sttType())
                .bind("stt_language", call.sttLanguage())
                .bind("tts_type", call.ttsType())
                .bind("tts_language", call.ttsLanguage())
                .bind("tts_voice_id", call.ttsVoiceId())
                .bind("tm_create", Columns.time(call.created()))
                .bind("tm_update", Columns.time(call.updated()))
                .bind("tm_delete", Columns.time(call.deleted()))
                .bind("status", status == null ? null : status.wireName())
                .bind("end_reason", endReason == null ? null : endReason.wireName())
                .bind("tm_end", Columns.time(call.ended()))
                .bind("agent", call.agent());
    }
}
