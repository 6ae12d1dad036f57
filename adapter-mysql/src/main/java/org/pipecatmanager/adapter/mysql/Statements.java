package org.pipecatmanager.adapter.mysql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.OutboxEntry;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.CallReportWire;

/**
 * Every statement that writes, for whoever holds the connection. Each may run again without another effect, but for
 * {@link #insertOutbox}.
 *
 * <p>On bare JDBC: a start runs one of them while its caller waits, and a journal's batch some hundred.
 */
final class Statements {
    /** The epoch of a call whose daemon has it; one that claims it raises it. */
    static final int OWNER_EPOCH = 1;

    /** Records in one statement, and about how many bytes: servers take 16 MiB. */
    static final int STATEMENT_ROWS = 64;

    static final int STATEMENT_BYTES = 1 << 20;

    private static final String INSERT_RECORD = """
            INSERT INTO pipecat_pipecatcalls (customer_id, activeflow_id, reference_type, reference_id, host_id,
              llm_type, llm_messages, stt_type, stt_language, tts_type, tts_language, tts_voice_id,
              tm_create, tm_update, tm_delete, status, end_reason, tm_end, agent,
              id, instance_id, lease_epoch, request_hash)
            VALUES\s""";

    private static final String RECORD_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private static final String UPDATE_RECORD = """
            UPDATE pipecat_pipecatcalls SET customer_id = ?, activeflow_id = ?, reference_type = ?, reference_id = ?,
              host_id = ?, llm_type = ?, llm_messages = ?, stt_type = ?, stt_language = ?, tts_type = ?,
              tts_language = ?, tts_voice_id = ?, tm_create = ?, tm_update = ?, tm_delete = ?, status = ?,
              end_reason = ?, tm_end = ?, agent = ?
            WHERE id = ? AND instance_id = ? AND lease_epoch = ?
            """;

    /** Behind the rows of an insert: those that are there are replaced. */
    private static final String OR_REPLACE_RECORD = """
             ON DUPLICATE KEY UPDATE customer_id = VALUES(customer_id), activeflow_id = VALUES(activeflow_id),
              reference_type = VALUES(reference_type), reference_id = VALUES(reference_id), host_id = VALUES(host_id),
              llm_type = VALUES(llm_type), llm_messages = VALUES(llm_messages), stt_type = VALUES(stt_type),
              stt_language = VALUES(stt_language), tts_type = VALUES(tts_type), tts_language = VALUES(tts_language),
              tts_voice_id = VALUES(tts_voice_id), tm_create = VALUES(tm_create), tm_update = VALUES(tm_update),
              tm_delete = VALUES(tm_delete), status = VALUES(status), end_reason = VALUES(end_reason),
              tm_end = VALUES(tm_end), agent = VALUES(agent)
            """;

    private static final String INSERT_MESSAGE = """
            INSERT INTO pipecat_messages (pipecatcall_id, position, speaker, text, interrupted, tm_said, estimated)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE position = ?
            """;

    private static final String UPSERT_TURN = """
            INSERT INTO pipecat_turns (pipecatcall_id, number, kind, tm_caller_stopped, end_of_turn_ms, transcript_ms,
              first_token_ms, first_speech_ms, first_frame_ms, barge_in_ms, last_old_frame_ms,
              stt_ms, llm_ttfb_ms, tts_ttfb_ms, prompt_tokens, completion_tokens, tts_characters)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON DUPLICATE KEY UPDATE kind = ?, tm_caller_stopped = ?, end_of_turn_ms = ?, transcript_ms = ?,
              first_token_ms = ?, first_speech_ms = ?, first_frame_ms = ?, barge_in_ms = ?, last_old_frame_ms = ?,
              stt_ms = ?, llm_ttfb_ms = ?, tts_ttfb_ms = ?, prompt_tokens = ?, completion_tokens = ?,
              tts_characters = ?
            """;

    private static final String UPSERT_REPORT = """
            INSERT INTO pipecat_call_reports (pipecatcall_id, report, tm_create) VALUES (?, ?, ?)
            ON DUPLICATE KEY UPDATE report = ?, tm_create = ?
            """;

    private static final String INSERT_OUTBOX = """
            INSERT INTO pipecat_outbox
              (id, pipecatcall_id, type, sequence, body, traceparent, host_id, instance_id, terminated_id, tm_create)
            VALUES\s""";

    private static final String OUTBOX_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private Statements() {}

    /**
     * Writes a new record of ours.
     *
     * @return false when its id is there already
     * @throws RequestException a value does not fit into its column
     */
    static boolean insertRecord(
            Connection connection, Dialect dialect, Pipecatcall call, String requestHash, HostInstance self)
            throws SQLException {
        try (var insert = connection.prepareStatement(INSERT_RECORD + RECORD_ROW)) {
            bind(new Binder(insert), call, self).add(requestHash);
            int unused = insert.executeUpdate();
            return true;
        } catch (SQLException e) {
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
     * Writes new records of ours, all or none.
     *
     * @return false when the database refuses one of them
     */
    static boolean insertRecords(
            Connection connection, Dialect dialect, List<RecordInserts.Waiting> rows, HostInstance self)
            throws SQLException {
        try (var insert = connection.prepareStatement(INSERT_RECORD + places(RECORD_ROW, rows.size()))) {
            var binder = new Binder(insert);
            for (var row : rows) {
                bind(binder, row.call(), self).add(row.requestHash());
            }
            int unused = insert.executeUpdate();
            return true;
        } catch (SQLException e) {
            if (dialect.isDuplicateKey(e) || SqlFailure.isAboutValue(e)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Replaces a record that is ours.
     *
     * @return whether it was there, and no other daemon has claimed it
     */
    static boolean updateRecord(Connection connection, Pipecatcall call, HostInstance self) throws SQLException {
        try (var update = connection.prepareStatement(UPDATE_RECORD)) {
            bind(new Binder(update), call, self);
            return update.executeUpdate() == 1;
        }
    }

    /**
     * Replaces records in one statement, or a few where they are large.
     *
     * @param calls ours, and locked by this transaction as such: one that is not there would be inserted
     */
    static void replaceRecords(Connection connection, Collection<Pipecatcall> calls, HostInstance self)
            throws SQLException {
        for (var part : parts(calls)) {
            if (part.size() == 1) {
                boolean unused = updateRecord(connection, part.getFirst(), self);
                continue;
            }
            // The fingerprint stays as it is.
            try (var update =
                    connection.prepareStatement(INSERT_RECORD + places(RECORD_ROW, part.size()) + OR_REPLACE_RECORD)) {
                var binder = new Binder(update);
                for (var call : part) {
                    bind(binder, call, self).add((String) null);
                }
                int unused = update.executeUpdate();
            }
        }
    }

    private static List<List<Pipecatcall>> parts(Collection<Pipecatcall> calls) {
        var parts = new ArrayList<List<Pipecatcall>>();
        List<Pipecatcall> part = List.of();
        int bytes = 0;
        for (var call : calls) {
            int weight = new JournalEntry.RecordUpdate(call).weight();
            bytes += weight;
            if (part.isEmpty() || part.size() == STATEMENT_ROWS || bytes > STATEMENT_BYTES) {
                part = new ArrayList<>();
                parts.add(part);
                bytes = weight;
            }
            part.add(call);
        }
        return parts;
    }

    /**
     * Closes the row of an insert of ours that was never answered, where it is there and no later insert has taken it over
     * (which gives it another creation time).
     *
     * @return rows
     */
    static int closeUnanswered(Connection connection, Pipecatcall call, HostInstance self, Instant now)
            throws SQLException {
        try (var update = connection.prepareStatement("""
                UPDATE pipecat_pipecatcalls SET status = ?, end_reason = ?, tm_end = ?, tm_update = ?
                WHERE id = ? AND instance_id = ? AND lease_epoch = ? AND status = ? AND tm_create = ?
                """)) {
            new Binder(update)
                    .add(PipecatcallStatus.ENDED.wireName())
                    .add(EndReason.INTERNAL.wireName())
                    .add(now)
                    .add(now)
                    .add(call.id().value())
                    .add(self.instanceId())
                    .add(OWNER_EPOCH)
                    .add(PipecatcallStatus.STARTING.wireName())
                    .add(call.created());
            return update.executeUpdate();
        }
    }

    /** Writes messages, but for those whose place in their call is taken. */
    static void insertMessages(Connection connection, Collection<SpokenMessage> messages) throws SQLException {
        try (var insert = connection.prepareStatement(INSERT_MESSAGE)) {
            for (var message : messages) {
                new Binder(insert)
                        .add(message.pipecatcallId().value())
                        .add(message.position())
                        .add(Columns.name(message.speaker()))
                        .add(message.text())
                        .add(message.interrupted())
                        .add(message.at())
                        .add(message.estimated())
                        .add(message.position());
                insert.addBatch();
            }
            int[] unused = insert.executeBatch();
        }
    }

    /** Writes turns in place of what had their numbers. */
    static void upsertTurns(Connection connection, Collection<Turn> turns) throws SQLException {
        try (var upsert = connection.prepareStatement(UPSERT_TURN)) {
            for (var turn : turns) {
                var binder =
                        new Binder(upsert).add(turn.pipecatcallId().value()).add(turn.number());
                figures(figures(binder, turn), turn);
                upsert.addBatch();
            }
            int[] unused = upsert.executeBatch();
        }
    }

    /** Writes reports in place of what their calls had. */
    static void upsertReports(Connection connection, Collection<CallReport> reports) throws SQLException {
        try (var upsert = connection.prepareStatement(UPSERT_REPORT)) {
            for (var report : reports) {
                var json = Columns.json(CallReportWire.toMap(report));
                new Binder(upsert)
                        .add(report.pipecatcallId().value())
                        .add(json)
                        .add(report.at())
                        .add(json)
                        .add(report.at());
                upsert.addBatch();
            }
            int[] unused = upsert.executeBatch();
        }
    }

    /** What a turn's key stands for. */
    private static Binder figures(Binder binder, Turn turn) throws SQLException {
        var figures = turn.figures();
        return binder.add(Columns.name(turn.kind()))
                .add(turn.callerStopped())
                .add(turn.endOfTurnMillis())
                .add(turn.transcriptMillis())
                .add(turn.firstTokenMillis())
                .add(turn.firstSpeechMillis())
                .add(turn.firstFrameMillis())
                .add(turn.bargeInMillis())
                .add(turn.lastOldFrameMillis())
                .add(figures.sttMillis())
                .add(figures.llmTtfbMillis())
                .add(figures.ttsTtfbMillis())
                .add(figures.promptTokens())
                .add(figures.completionTokens())
                .add(figures.ttsCharacters());
    }

    /**
     * Writes events for a relay, all in one statement, or none.
     *
     * @throws SQLException among others for a key that is there, see {@link Dialect#isDuplicateKey}: {@link #insertOutboxOnce}
     *     is right then
     */
    static void insertOutbox(Connection connection, List<JournalEntry.Event> events, HostInstance self)
            throws SQLException {
        try (var insert = connection.prepareStatement(INSERT_OUTBOX + places(OUTBOX_ROW, events.size()))) {
            var binder = new Binder(insert);
            for (var event : events) {
                bind(binder, event.entry(), event.at(), self);
            }
            int unused = insert.executeUpdate();
        }
    }

    /**
     * Writes one event for a relay, unless it is there: the same call, type and sequence, or the call's one
     * {@code pipecatcall_terminated}.
     */
    static void insertOutboxOnce(Connection connection, OutboxEntry entry, Instant created, HostInstance self)
            throws SQLException {
        try (var insert = connection.prepareStatement(
                INSERT_OUTBOX + OUTBOX_ROW + " ON DUPLICATE KEY UPDATE tm_create = tm_create")) {
            bind(new Binder(insert), entry, created, self);
            int unused = insert.executeUpdate();
        }
    }

    private static String places(String row, int rows) {
        return String.join(", ", Collections.nCopies(rows, row));
    }

    private static void bind(Binder binder, OutboxEntry entry, Instant created, HostInstance self) throws SQLException {
        var call = entry.pipecatcallId().value();
        boolean terminated = entry.type().equals(EventType.PIPECATCALL_TERMINATED.wireName());
        binder.add(entry.messageId())
                .add(call)
                .add(entry.type())
                .add(entry.sequence())
                .add(entry.body())
                .add(Columns.traceparent(entry.trace()))
                .add(self.hostId())
                .add(self.instanceId())
                .add(terminated ? call : null)
                .add(created);
    }

    /** A record from its second column on, then what finds it as ours. */
    @CanIgnoreReturnValue
    private static Binder bind(Binder binder, Pipecatcall call, HostInstance self) throws SQLException {
        var status = call.status();
        var endReason = call.endReason();
        return binder.add(call.customerId())
                .add(call.activeflowId())
                .add(call.referenceType().wireName())
                .add(call.referenceId())
                .add(call.hostId())
                .add(call.llmType())
                .add(call.llmMessages().isEmpty() ? null : Columns.json(call.llmMessages()))
                .add(call.sttType())
                .add(call.sttLanguage())
                .add(call.ttsType())
                .add(call.ttsLanguage())
                .add(call.ttsVoiceId())
                .add(call.created())
                .add(call.updated())
                .add(call.deleted())
                .add(status == null ? null : status.wireName())
                .add(endReason == null ? null : endReason.wireName())
                .add(call.ended())
                .add(call.agent())
                .add(call.id().value())
                .add(self.instanceId())
                .add(OWNER_EPOCH);
    }
}
