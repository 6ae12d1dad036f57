package org.pipecatmanager.daemon.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pipecatmanager.adapter.mysql.DatabaseInspection;
import org.pipecatmanager.adapter.mysql.SchemaState;

/** Judges the database of a platform, or the embedded file. */
final class DatabaseCheck {
    static final String AREA = "database";

    private DatabaseCheck() {}

    /** A server. */
    static List<Finding> ofServer(DatabaseInspection database) {
        return switch (database.access()) {
            case OPEN -> open(database);
            case REFUSED ->
                List.of(Finding.problem(
                        AREA,
                        "the database does not let us in: " + database.place(),
                        database.reason(),
                        "check user, password and the name of the database in DATABASE_DSN, and the user's grants from this"
                                + " host (SHOW GRANTS)"));
            case UNREACHABLE, IN_USE, ABSENT ->
                List.of(Finding.problem(
                        AREA,
                        "no database answers at " + database.place(),
                        database.reason(),
                        "check host and port in DATABASE_DSN (3306 as a rule), that the server runs and listens beyond"
                                + " loopback, and that no firewall is between"));
        };
    }

    /**
     * The embedded file.
     *
     * @param holder  which process has it open, in words; empty where that cannot be seen
     * @param running whether a daemon with these settings runs
     */
    static List<Finding> ofFile(DatabaseInspection database, String holder, boolean running) {
        return switch (database.access()) {
            case OPEN -> schema(database);
            case ABSENT -> List.of(Finding.ok(AREA, database.reason(), database.place()));
            case IN_USE ->
                running
                        ? List.of(Finding.ok(AREA, "the file is open in the daemon that runs", holder))
                        : List.of(Finding.problem(
                                AREA,
                                "another process has the database file open: " + database.place(),
                                holder.isEmpty() ? "a process that cannot be seen from here" : holder,
                                "stop it, or give this daemon a DATA_DIR of its own: one daemon, one folder"));
            case REFUSED, UNREACHABLE ->
                List.of(Finding.problem(
                        AREA,
                        "the database file cannot be read: " + database.place(),
                        database.reason(),
                        "run doctor and daemon as the same user; a file that is broken is moved away, and the daemon makes a new"
                                + " one"));
        };
    }

    private static List<Finding> open(DatabaseInspection database) {
        List<Finding> findings = new ArrayList<>();
        boolean mariaDb = database.version().toLowerCase(Locale.ROOT).contains("mariadb")
                || database.product().equalsIgnoreCase("MariaDB");
        findings.add(Versions.judged(
                AREA,
                mariaDb ? "MariaDB" : "MySQL",
                database.version(),
                mariaDb ? DatabaseInspection.LEAST_MARIADB : DatabaseInspection.LEAST_MYSQL));
        findings.addAll(ClockCheck.of(AREA, database.clockAhead()));
        findings.addAll(schema(database));
        return findings;
    }

    private static List<Finding> schema(DatabaseInspection database) {
        return database.tables().map(DatabaseCheck::schema).orElse(List.of());
    }

    private static List<Finding> schema(SchemaState schema) {
        List<Finding> findings = new ArrayList<>();
        if (!schema.failed().isEmpty()) {
            findings.add(Finding.problem(
                    AREA,
                    "a migration of the tables broke off",
                    String.join(", ", schema.failed()),
                    "bring the table it changed to what it was before, delete its row from pipecat_manager_schema_history, and"
                            + " start a daemon; the first failure is in the log of the daemon that tried"));
        }
        if (!schema.pending().isEmpty()) {
            String missing = String.join(", ", schema.pending());
            String from = schema.applied().isEmpty() ? "not there" : "at " + schema.applied();
            findings.add(
                    schema.mayMigrate()
                            ? Finding.warning(
                                    AREA,
                                    "the tables are older than this version: they are " + from,
                                    missing,
                                    "the next start of a daemon brings them up to date, beside daemons of the release before")
                            : Finding.problem(
                                    AREA,
                                    "the tables are older than this version, and this user may not change them: they are "
                                            + from,
                                    missing,
                                    "GRANT CREATE, ALTER, INDEX on the database to the user of DATABASE_DSN, or start one daemon"
                                            + " with a user who may"));
        }
        if (!schema.missing().isEmpty()) {
            findings.add(Finding.problem(
                    AREA,
                    "the tables are said to be up to date, but columns are missing",
                    String.join(", ", schema.missing()),
                    "somebody changed the tables by hand, or restored an old dump beside a new history: add the columns as in"
                            + " adapter-mysql's migrations, or restore both together"));
        }
        if (!schema.future().isEmpty()) {
            findings.add(Finding.warning(
                    AREA,
                    "the tables belong to a newer version than this one",
                    String.join(", ", schema.future()),
                    "works as long as it is the release before; otherwise upgrade this daemon"));
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(AREA, "the tables are up to date", schema.applied()));
        }
        return findings;
    }
}
