package org.pipecatmanager.adapter.mysql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.CallHistory;
import org.pipecatmanager.ports.wire.CallReportWire;

/**
 * What was said and how long it took, in SQL; written behind by the journal.
 *
 * <p><b>Threads.</b> Safe for all. Writes do not wait for the database; reads wait 1 s at most for what is being written
 * and 2.5 s for the database.
 */
public final class JdbiCallHistory implements CallHistory {
    private static final Duration WRITING_PATIENCE = Duration.ofSeconds(1);

    private final Database database;
    private final HistoryWriter writer;

    /**
     * Makes one.
     *
     * @param writer the journal
     */
    public JdbiCallHistory(Database database, HistoryWriter writer) {
        this.database = database;
        this.writer = writer;
    }

    @Override
    public void said(SpokenMessage message) {
        writer.said(message);
    }

    @Override
    public void turn(Turn turn) {
        writer.turn(turn);
    }

    @Override
    public void report(CallReport report) {
        writer.report(report);
    }

    @Override
    public Optional<CallReport> report(PipecatcallId id) {
        writer.awaitWritten(WRITING_PATIENCE);
        return database.forCaller(
                "what call " + id + " was like cannot be read",
                handle -> handle.createQuery("SELECT report FROM pipecat_call_reports WHERE pipecatcall_id = :call")
                        .bind("call", Columns.bytes(id.value()))
                        .map((row, context) -> Columns.object(row.getString("report")))
                        .findOne()
                        .filter(report -> !report.isEmpty())
                        .map(CallReportWire::fromMap));
    }

    @Override
    public List<SpokenMessage> messages(PipecatcallId id) {
        writer.awaitWritten(WRITING_PATIENCE);
        return database.forCaller(
                "what was said in call " + id + " cannot be read",
                handle -> handle.createQuery("""
                        SELECT position, speaker, text, tm_said, interrupted, estimated FROM pipecat_messages
                        WHERE pipecatcall_id = :call ORDER BY position
                        """)
                        .bind("call", Columns.bytes(id.value()))
                        .map((row, context) -> message(id, row))
                        .list());
    }

    @Override
    public List<Turn> turns(PipecatcallId id) {
        writer.awaitWritten(WRITING_PATIENCE);
        return database.forCaller(
                "the turns of call " + id + " cannot be read",
                handle -> handle.createQuery("""
                        SELECT number, kind, tm_caller_stopped, end_of_turn_ms, transcript_ms, first_token_ms,
                          first_speech_ms, first_frame_ms, barge_in_ms, last_old_frame_ms, stt_ms, llm_ttfb_ms, tts_ttfb_ms,
                          prompt_tokens, completion_tokens, tts_characters
                        FROM pipecat_turns WHERE pipecatcall_id = :call ORDER BY number
                        """)
                        .bind("call", Columns.bytes(id.value()))
                        .map((row, context) -> turn(id, row))
                        .list());
    }

    private static SpokenMessage message(PipecatcallId id, ResultSet row) throws SQLException {
        return new SpokenMessage(
                id,
                row.getInt("position"),
                SpokenMessage.Speaker.valueOf(row.getString("speaker").toUpperCase(Locale.ROOT)),
                row.getString("text"),
                moment(row, "tm_said"),
                row.getBoolean("interrupted"),
                row.getBoolean("estimated"));
    }

    private static Turn turn(PipecatcallId id, ResultSet row) throws SQLException {
        return new Turn(
                id,
                row.getInt("number"),
                Turn.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                moment(row, "tm_caller_stopped"),
                count(row, "end_of_turn_ms"),
                count(row, "transcript_ms"),
                count(row, "first_token_ms"),
                count(row, "first_speech_ms"),
                count(row, "first_frame_ms"),
                count(row, "barge_in_ms"),
                count(row, "last_old_frame_ms"),
                new Turn.Figures(
                        count(row, "stt_ms"),
                        count(row, "llm_ttfb_ms"),
                        count(row, "tts_ttfb_ms"),
                        count(row, "prompt_tokens"),
                        count(row, "completion_tokens"),
                        count(row, "tts_characters")));
    }

    private static Instant moment(ResultSet row, String column) throws SQLException {
        var moment = Columns.moment(row.getObject(column, LocalDateTime.class));
        return moment == null ? Instant.EPOCH : moment;
    }

    private static @Nullable Long count(ResultSet row, String column) throws SQLException {
        return row.getObject(column, Long.class);
    }
}
