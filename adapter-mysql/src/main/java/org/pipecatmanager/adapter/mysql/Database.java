package org.pipecatmanager.adapter.mysql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.pipecatmanager.ports.out.StoreException;

/**
 * One database and the connections to it.
 *
 * <p><b>Life.</b> {@link #open} dials nobody; {@link #awaitUp} waits for the server; {@link #migrate} brings the tables;
 * {@link #close} gives the connections back. A server that goes away and returns is found again by itself.
 *
 * <p><b>Threads.</b> Safe for all; a thread of its own looks every second whether the database answers.
 */
public final class Database implements AutoCloseable {
    /** Connections at most; what is more waits. */
    private static final int POOL_SIZE = 10;
    /** The journal's writer, the relay that reads and marks events, and one to spare. */
    private static final int WRITE_POOL_SIZE = 3;
    /** How long an operation waits for a connection: callers of a start give up after 3 s, and want an answer before. */
    private static final Duration CONNECTION_PATIENCE = Duration.ofSeconds(2);
    /** How long an operation of a caller waits altogether. */
    static final Duration CALLER_PATIENCE = Duration.ofMillis(2500);
    /** A statement is given that long even when the connection came late. */
    private static final Duration LEAST_STATEMENT_PATIENCE = Duration.ofMillis(500);
    /** A server that says nothing for that long hangs; Flyway, which changes tables, waits as long as it takes. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    /** Shared with other services' tables, so the history needs a name of its own. */
    static final String SCHEMA_HISTORY = "pipecat_manager_schema_history";

    private final DatabaseAddress address;
    private final HikariDataSource pool;
    /** Connections that stand within a transaction, READ COMMITTED, so that one costs nothing but its COMMIT. */
    private final HikariDataSource writePool;

    private final Jdbi jdbi;
    private final DatabaseWatch watch;

    private Database(DatabaseAddress address) {
        this.address = address;
        pool = new HikariDataSource(settings(address));
        writePool = new HikariDataSource(writeSettings(address));
        jdbi = Jdbi.create(pool);
        watch = new DatabaseWatch(
                () -> DriverManager.getConnection(address.url(), loginWithin(address, CONNECTION_PATIENCE)));
    }

    /** A database server; nobody is dialled yet. */
    public static Database open(DatabaseAddress address) {
        return new Database(address);
    }

    /**
     * The embedded database: one H2 file {@code pipecat.mv.db} in a folder, for one process.
     *
     * @param folder made with mode 0700 where it is missing; the file has mode 0600
     * @throws StoreException the folder or the file cannot be made
     */
    public static Database file(Path folder) {
        try {
            return new Database(EmbeddedFile.in(folder));
        } catch (IOException e) {
            throw new StoreException(
                    "DATA_DIR " + folder.toAbsolutePath() + " cannot hold the database: " + e
                            + "; make it a folder this process may write",
                    e);
        }
    }

    /**
     * Waits until the database lets us in.
     *
     * @param reason hears why it does not, each time that changes
     * @return whether it did within {@code patience}
     */
    public boolean awaitUp(Duration patience, Consumer<String> reason) throws InterruptedException {
        return watch.awaitUp(patience, reason);
    }

    /**
     * Brings the tables to what this version needs; what is there already keeps its rows, and other tables are not touched.
     *
     * @throws StoreException it cannot be done
     */
    public void migrate() {
        try {
            flyway(address).migrate();
        } catch (FlywayException e) {
            throw new StoreException(
                    "the tables of " + address + " cannot be brought up to date: " + e.getMessage(), e);
        }
    }

    /** The migrations as they are applied to a database, and compared with it. */
    static Flyway flyway(DatabaseAddress address) {
        return Flyway.configure(Database.class.getClassLoader())
                .dataSource(address.url(), address.user(), address.password().reveal())
                .locations(address.dialect().migrations())
                .table(SCHEMA_HISTORY)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
    }

    /** Whether the database answered when it was last asked, at most a second or two ago. Never blocks. */
    public boolean isUp() {
        return watch.problem().isEmpty();
    }

    /** Why it did not answer; empty when it did. Never blocks. */
    public String problem() {
        return watch.problem();
    }

    Dialect dialect() {
        return address.dialect();
    }

    /** For one who has time: an operation waits for a connection and for a silent server. */
    Jdbi jdbi() {
        return jdbi;
    }

    /** Something with a connection. */
    @FunctionalInterface
    interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /**
     * Runs what a caller waits for, within {@link #CALLER_PATIENCE}.
     *
     * @param what for the complaint: "record 1234 cannot be read"
     * @throws StoreException it failed
     */
    <T> T forCaller(String what, HandleCallback<T, RuntimeException> work) {
        long deadline = System.nanoTime() + CALLER_PATIENCE.toNanos();
        try {
            return jdbi.withHandle(handle -> {
                hurry(handle.getConnection(), deadline);
                return work.withHandle(handle);
            });
        } catch (SQLException | JdbiException e) {
            throw SqlFailure.of(what, e);
        }
    }

    /** The same on a bare connection, each statement of which is committed at once. */
    <T> T forCallerBare(String what, Work<T> work) {
        return forCallerBare(what, System.nanoTime() + CALLER_PATIENCE.toNanos(), work);
    }

    /** The same, by a deadline of the caller's, on {@link System#nanoTime}. */
    <T> T forCallerBare(String what, long deadline, Work<T> work) {
        try (var connection = pool.getConnection()) {
            hurry(connection, deadline);
            return work.with(connection);
        } catch (SQLException e) {
            throw SqlFailure.of(what, e);
        }
    }

    private void hurry(Connection connection, long deadline) throws SQLException {
        if (dialect().knowsNetworkTimeout()) {
            long left = Math.max((deadline - System.nanoTime()) / 1_000_000, LEAST_STATEMENT_PATIENCE.toMillis());
            connection.setNetworkTimeout(Runnable::run, (int) left);
        }
    }

    /**
     * Runs what is written behind, in one transaction, READ COMMITTED.
     *
     * @param silence how long the server may say nothing
     */
    <T> T transaction(Duration silence, Work<T> work) throws SQLException {
        try (var connection = writePool.getConnection()) {
            if (dialect().knowsNetworkTimeout()) {
                connection.setNetworkTimeout(Runnable::run, (int) silence.toMillis());
            }
            // What fails is rolled back by the pool, which gets the connection back uncommitted.
            T result = work.with(connection);
            connection.commit();
            return result;
        }
    }

    @Override
    public void close() {
        watch.close();
        writePool.close();
        pool.close();
    }

    @Override
    public String toString() {
        return address.toString();
    }

    private static HikariConfig settings(DatabaseAddress address) {
        var settings = new HikariConfig();
        settings.setPoolName("pipecat-sql");
        settings.setDriverClassName(address.dialect().driver());
        settings.setJdbcUrl(address.url());
        settings.setUsername(address.user());
        settings.setPassword(address.password().reveal());
        settings.setMaximumPoolSize(POOL_SIZE);
        settings.setMinimumIdle(2);
        settings.setConnectionTimeout(CONNECTION_PATIENCE.toMillis());
        settings.setValidationTimeout(1000);
        settings.setInitializationFailTimeout(-1);
        timeouts(address, SILENCE).forEach(settings::addDataSourceProperty);
        return settings;
    }

    private static HikariConfig writeSettings(DatabaseAddress address) {
        var settings = settings(address);
        settings.setPoolName("pipecat-sql-journal");
        settings.setMaximumPoolSize(WRITE_POOL_SIZE);
        settings.setMinimumIdle(1);
        settings.setAutoCommit(false);
        settings.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        return settings;
    }

    /** For the driver: user and password, and how long the server may take to let us in, and then to say something. */
    static Properties loginWithin(DatabaseAddress address, Duration silence) {
        var settings = new Properties();
        settings.setProperty("user", address.user());
        settings.setProperty("password", address.password().reveal());
        timeouts(address, silence).forEach(settings::setProperty);
        return settings;
    }

    /** Milliseconds, where the address does not give its own. */
    private static Map<String, String> timeouts(DatabaseAddress address, Duration silence) {
        var timeouts = new HashMap<String, String>();
        if (address.dialect().knowsNetworkTimeout()) {
            timeouts.put("connectTimeout", Long.toString(CONNECTION_PATIENCE.toMillis()));
            timeouts.put("socketTimeout", Long.toString(silence.toMillis()));
            timeouts.keySet().removeIf(name -> address.url().contains(name + "="));
        }
        return timeouts;
    }
}
