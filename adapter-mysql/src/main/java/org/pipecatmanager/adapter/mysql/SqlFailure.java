package org.pipecatmanager.adapter.mysql;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;

/**
 * Failures of the database in our words. Drivers and JDBI put values of the row into their messages, so those are told,
 * and kept as a cause, only where they are about the connection.
 */
final class SqlFailure {
    /** H2: the file is open in another process. */
    static final int H2_ALREADY_OPEN = 90020;

    /** MySQL: lock wait timeout, deadlock; H2: row changed, lock timeout. */
    private static final Set<Integer> RIVALRY = Set.of(1205, 1213, 90131, 50200);

    /**
     * Besides SQL states 08 (connection) and 28 (login): MySQL's no rights on the database, no such database; H2's closed,
     * missing, in use, file errors, broken, shut down.
     */
    private static final Set<Integer> CONNECTION =
            Set.of(1044, 1049, 90007, 90013, H2_ALREADY_OPEN, 90028, 90030, 90031, 90067, 90098, 90121, 90146);

    /**
     * Besides SQL states 22 (data) and 23 (constraint): MySQL's illegal mix of collations, incorrect value, no conversion
     * between character sets.
     */
    private static final Set<Integer> VALUE = Set.of(1267, 1366, 3988);

    /** What a request gives of a record, where a complaint names a column; the value stands elsewhere. */
    private static final Pattern REQUEST_COLUMN = Pattern.compile(
            "(?:column|constraint)\\s.*?\\b(llm_type|llm_messages|stt_type|stt_language|tts_type|tts_language|tts_voice_id"
                    + "|agent)\\b",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private static final String ALREADY_OPEN =
            "another process has the database file open: only one daemon can use a DATA_DIR; stop the other one or give"
                    + " this one a DATA_DIR of its own";

    private static final int TOLD_CHARS = 300;

    private SqlFailure() {}

    /**
     * A failure as the ports have it; it has a cause where the connection failed, so that nobody knows what became of the
     * statement, and none where the database refused it.
     *
     * @param what what could not be done: "record 1234 cannot be read"
     */
    static StoreException of(String what, Throwable failure) {
        return new StoreException(what + ": " + reason(failure), connectionCause(failure));
    }

    /** One line that holds no value of a row. */
    static String reason(Throwable failure) {
        var connection = connectionCause(failure);
        if (connection != null) {
            return connection.getErrorCode() == H2_ALREADY_OPEN ? ALREADY_OPEN : firstLine(connection);
        }
        var sql = sqlCause(failure);
        if (sql == null) {
            return "internal failure " + failure.getClass().getSimpleName();
        }
        return "the database refuses it (SQL state " + sql.getSQLState() + ", error " + sql.getErrorCode() + ")";
    }

    /** Whether the database is well and does not take a value of the row. */
    static boolean isAboutValue(Throwable failure) {
        var sql = sqlCause(failure);
        if (sql == null || isRivalry(failure) || connectionCause(failure) != null) {
            return false;
        }
        var state = String.valueOf(sql.getSQLState());
        return state.startsWith("22") || state.startsWith("23") || VALUE.contains(sql.getErrorCode());
    }

    /** The same as an answer to who gave the value: the field, where the database names it, and never the value. */
    static RequestException refused(Throwable failure) {
        var sql = sqlCause(failure);
        var column = REQUEST_COLUMN.matcher(sql == null ? "" : String.valueOf(sql.getMessage()));
        var field = column.find() ? column.group(1).toLowerCase(Locale.ROOT) : "a field of the request";
        return RequestException.invalid(
                "FIELD_REFUSED",
                field + " cannot be stored, " + reason(failure)
                        + "; make it shorter, or leave out characters that the character set of the table does not have");
    }

    /** Whether another transaction was in the way: the same again may work. */
    static boolean isRivalry(Throwable failure) {
        var sql = sqlCause(failure);
        return sql != null && ("40001".equals(sql.getSQLState()) || RIVALRY.contains(sql.getErrorCode()));
    }

    /** The innermost: what is around it repeats it. */
    private static @Nullable SQLException sqlCause(Throwable failure) {
        SQLException found = null;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                found = sql;
            }
        }
        return found;
    }

    /** The innermost one about the connection, if any; the pool says only that it has none. */
    private static @Nullable SQLException connectionCause(Throwable failure) {
        SQLException found = null;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && isAboutConnection(sql)) {
                found = sql;
            }
        }
        return found;
    }

    private static boolean isAboutConnection(SQLException sql) {
        var state = String.valueOf(sql.getSQLState());
        return sql instanceof SQLTransientConnectionException
                || state.startsWith("08")
                || state.startsWith("28")
                || CONNECTION.contains(sql.getErrorCode());
    }

    private static String firstLine(SQLException sql) {
        var line = String.valueOf(sql.getMessage()).lines().findFirst().orElse("");
        return line.length() <= TOLD_CHARS ? line : line.substring(0, TOLD_CHARS) + "…";
    }
}
