package org.pipecatmanager.adapter.mysql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.pipecatmanager.ports.model.HostInstance;

/**
 * What the tables are, and what this version wants them to be.
 *
 * @param applied    the last migration there, empty for none
 * @param pending    migrations that the next start applies
 * @param failed     migrations that broke off
 * @param future     migrations of a newer version than this one
 * @param missing    {@code table.column} that the applied migrations made and that are not there
 * @param mayMigrate whether this user may change tables, as far as its grants tell
 * @param open       who owns calls that are not over, one for each daemon
 */
public record SchemaState(
        String applied,
        List<String> pending,
        List<String> failed,
        List<String> future,
        List<String> missing,
        boolean mayMigrate,
        List<HostInstance> open) {
    private static final String TABLE_PREFIX = "pipecat_";

    public SchemaState {
        pending = List.copyOf(pending);
        failed = List.copyOf(failed);
        future = List.copyOf(future);
        missing = List.copyOf(missing);
        open = List.copyOf(open);
    }

    /** Looks; the connection stays its owner's. */
    static SchemaState of(Connection connection, DatabaseAddress address) throws SQLException {
        var applied = "";
        var pending = new ArrayList<String>();
        var failed = new ArrayList<String>();
        var future = new ArrayList<String>();
        try {
            for (var migration : Database.flyway(address).info().all()) {
                var state = migration.getState();
                if (state.isFailed()) {
                    failed.add(name(migration));
                } else if (state == MigrationState.FUTURE_SUCCESS) {
                    future.add(name(migration));
                } else if (state.isApplied()) {
                    applied = migration.getVersion() == null ? applied : "V" + migration.getVersion();
                } else {
                    pending.add(name(migration));
                }
            }
        } catch (FlywayException e) {
            throw new SQLException("the history of the tables cannot be read", e);
        }
        var found = columns(connection);
        var missing = pending.isEmpty() ? new TreeSet<>(expected()) : new TreeSet<String>();
        missing.removeAll(found);
        return new SchemaState(
                applied,
                pending,
                failed,
                future,
                List.copyOf(missing),
                mayMigrate(connection, address.dialect()),
                found.contains("pipecat_pipecatcalls.instance_id") ? open(connection) : List.of());
    }

    private static String name(MigrationInfo migration) {
        return "V" + migration.getVersion() + " " + migration.getDescription();
    }

    /** What all migrations make: they are run on a database in memory, so that no list of columns can be forgotten. */
    private static Set<String> expected() throws SQLException {
        var address = JdbcUrl.h2("jdbc:h2:mem:expected-" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        try (var connection = DriverManager.getConnection(
                address.url(), address.user(), address.password().reveal())) {
            Database.flyway(address).migrate();
            var columns = columns(connection);
            try (var statement = connection.createStatement()) {
                statement.execute("SHUTDOWN");
            }
            return columns;
        } catch (FlywayException e) {
            throw new SQLException("the migrations of this version cannot be run in memory", e);
        }
    }

    private static Set<String> columns(Connection connection) throws SQLException {
        var columns = new TreeSet<String>();
        try (var tables = connection
                .getMetaData()
                .getColumns(connection.getCatalog(), connection.getSchema(), TABLE_PREFIX + "%", null)) {
            while (tables.next()) {
                var table = tables.getString("TABLE_NAME").toLowerCase(Locale.ROOT);
                if (!table.equals(Database.SCHEMA_HISTORY)) {
                    columns.add(table + "." + tables.getString("COLUMN_NAME").toLowerCase(Locale.ROOT));
                }
            }
        }
        return columns;
    }

    /** A role or a grant that we do not understand counts as a yes: the start says for certain. */
    private static boolean mayMigrate(Connection connection, Dialect dialect) throws SQLException {
        if (dialect != Dialect.MYSQL) {
            return true;
        }
        var grants = new StringBuilder();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("SHOW GRANTS")) {
            while (rows.next()) {
                grants.append(Objects.requireNonNullElse(rows.getString(1), "").toUpperCase(Locale.ROOT))
                        .append('\n');
            }
        }
        var all = grants.toString();
        boolean byRole = all.lines().anyMatch(line -> line.startsWith("GRANT") && !line.contains(" ON "));
        return byRole || all.contains("ALL PRIVILEGES") || (all.contains("ALTER") && all.contains("CREATE"));
    }

    private static List<HostInstance> open(Connection connection) throws SQLException {
        var open = new ArrayList<HostInstance>();
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery("""
                        SELECT DISTINCT host_id, instance_id FROM pipecat_pipecatcalls
                        WHERE status IN ('starting', 'live', 'ending') AND instance_id IS NOT NULL LIMIT 200
                        """)) {
            while (rows.next()) {
                open.add(new HostInstance(
                        Objects.requireNonNullElse(rows.getString("host_id"), ""),
                        Objects.requireNonNullElse(rows.getString("instance_id"), "")));
            }
        }
        return open;
    }
}
