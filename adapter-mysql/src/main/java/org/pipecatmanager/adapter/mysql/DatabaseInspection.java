package org.pipecatmanager.adapter.mysql;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A look at the database for who diagnoses; nothing is made, migrated or written.
 *
 * @param place    address and user, without the password
 * @param access   how far we came
 * @param reason   why not further; empty when we did
 * @param product  what the server calls itself, empty without access
 * @param version  likewise
 * @param ahead    how much its clock is ahead of ours, negative behind; null without access and for a file
 * @param schema   what its tables are; null without access
 */
public record DatabaseInspection(
        String place,
        Access access,
        String reason,
        String product,
        String version,
        @Nullable Duration ahead,
        @Nullable SchemaState schema) {
    /** The oldest MariaDB that our tests run against. */
    public static final String LEAST_MARIADB = "10.11";
    /** MySQL's first with the JSON, the locks and the index syntax that the migrations use; by reading, not by running. */
    public static final String LEAST_MYSQL = "8.0";

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** How far we came. */
    public enum Access {
        /** It answers queries. */
        OPEN,
        /** It knows user or password not, or has no such database for this user. */
        REFUSED,
        /** Nobody speaks its protocol there. */
        UNREACHABLE,
        /** A file that another process has open. */
        IN_USE,
        /** A file that is not there yet. */
        ABSENT
    }

    /** MySQL: unknown database, no rights on it, wrong login. */
    private static final List<Integer> REFUSALS = List.of(1044, 1045, 1049, 1698);

    /** How much its clock is ahead. */
    public Optional<Duration> clockAhead() {
        return Optional.ofNullable(ahead);
    }

    /** What its tables are. */
    public Optional<SchemaState> tables() {
        return Optional.ofNullable(schema);
    }

    /** Looks at a server. Blocks for some seconds at most. */
    public static DatabaseInspection of(DatabaseAddress address) {
        var url = address.url().replaceFirst("[?;].*", "");
        return look(address, address.user().isEmpty() ? url : url + " as " + address.user());
    }

    /**
     * Looks at the embedded file, read-only; a daemon that runs keeps it to itself.
     *
     * @param folder {@code DATA_DIR}
     */
    public static DatabaseInspection ofFile(Path folder) {
        var file = EmbeddedFile.database(folder);
        if (!Files.exists(file)) {
            return closed(file.toString(), Access.ABSENT, "there is no file yet; the first start makes it");
        }
        if (file.toString().contains(";")) {
            return closed(file.toString(), Access.REFUSED, "its name holds ';', which the database's address cannot");
        }
        return look(EmbeddedFile.readOnly(folder), file.toString());
    }

    private static DatabaseInspection look(DatabaseAddress address, String place) {
        try (var connection = DriverManager.getConnection(address.url(), Database.loginWithin(address, PATIENCE))) {
            var server = connection.getMetaData();
            return new DatabaseInspection(
                    place,
                    Access.OPEN,
                    "",
                    server.getDatabaseProductName(),
                    server.getDatabaseProductVersion(),
                    address.dialect() == Dialect.MYSQL ? ahead(connection) : null,
                    SchemaState.of(connection, address));
        } catch (SQLException e) {
            return closed(place, access(e), SqlFailure.reason(e));
        }
    }

    private static DatabaseInspection closed(String place, Access access, String reason) {
        return new DatabaseInspection(place, access, reason, "", "", null, null);
    }

    private static Access access(SQLException failure) {
        for (@Nullable Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SQLException sql) {
                if (sql.getErrorCode() == SqlFailure.H2_ALREADY_OPEN) {
                    return Access.IN_USE;
                }
                if (REFUSALS.contains(sql.getErrorCode())
                        || String.valueOf(sql.getSQLState()).startsWith("28")) {
                    return Access.REFUSED;
                }
            }
        }
        return Access.UNREACHABLE;
    }

    private static @Nullable Duration ahead(Connection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            var before = Instant.now();
            try (var rows = statement.executeQuery("SELECT UTC_TIMESTAMP(6)")) {
                var middle = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
                rows.next();
                var theirs = Columns.moment(rows.getObject(1, LocalDateTime.class));
                return theirs == null ? null : Duration.between(middle, theirs);
            }
        }
    }
}
