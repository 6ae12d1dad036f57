package org.pipecatmanager.adapter.mysql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.ReferenceType;

/**
 * Reads a row of {@code pipecat_pipecatcalls}, whoever wrote it: what is NULL is empty, what is unknown to us is nothing,
 * since a record that cannot be shown helps nobody.
 */
final class RecordRow {
    /** What {@link #MAPPER} wants selected. */
    static final String COLUMNS = "id, customer_id, activeflow_id, reference_type, reference_id, host_id, llm_type,"
            + " llm_messages, stt_type, stt_language, tts_type, tts_language, tts_voice_id, status, end_reason, agent,"
            + " tm_create, tm_update, tm_delete, tm_end";

    static final RowMapper<Pipecatcall> MAPPER = (row, context) -> read(row);

    private RecordRow() {}

    private static Pipecatcall read(ResultSet row) throws SQLException {
        var referenceType = known(row.getString("reference_type"), ReferenceType::ofWireName);
        return new Pipecatcall(
                new PipecatcallId(id(row, "id")),
                id(row, "customer_id"),
                id(row, "activeflow_id"),
                referenceType == null ? ReferenceType.NONE : referenceType,
                id(row, "reference_id"),
                Columns.text(row.getString("host_id")),
                Columns.text(row.getString("llm_type")),
                Columns.objects(row.getString("llm_messages")),
                Columns.text(row.getString("stt_type")),
                Columns.text(row.getString("stt_language")),
                Columns.text(row.getString("tts_type")),
                Columns.text(row.getString("tts_language")),
                Columns.text(row.getString("tts_voice_id")),
                known(row.getString("status"), PipecatcallStatus::ofWireName),
                known(row.getString("end_reason"), EndReason::ofWireName),
                Columns.text(row.getString("agent")),
                moment(row, "tm_create"),
                moment(row, "tm_update"),
                moment(row, "tm_delete"),
                moment(row, "tm_end"));
    }

    private static UUID id(ResultSet row, String column) throws SQLException {
        return Columns.uuid(row.getBytes(column));
    }

    private static @Nullable Instant moment(ResultSet row, String column) throws SQLException {
        return Columns.moment(row.getObject(column, LocalDateTime.class));
    }

    private static <E> @Nullable E known(@Nullable String name, Function<String, E> parse) {
        if (name == null || name.isEmpty()) {
            return null;
        }
        try {
            return parse.apply(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
