package org.pipecatmanager.adapter.mysql;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the vendors. Statements are written so that both understand them: an upsert of one row binds its values
 * again, one of many names {@code VALUES()} (which MySQL 8 has a warning for), a delete is limited without an order, JSON is bound as text.
 */
enum Dialect {
    /** MySQL 8 and MariaDB 10.11, both through MariaDB's driver. */
    MYSQL("mysql", "org.mariadb.jdbc.Driver", 1062),
    /** H2 in MySQL mode. */
    H2("h2", "org.h2.Driver", 23505);

    private final String folder;
    private final String driver;
    private final int duplicateKey;

    Dialect(String folder, String driver, int duplicateKey) {
        this.folder = folder;
        this.driver = driver;
        this.duplicateKey = duplicateKey;
    }

    /** Where Flyway finds the migrations on the class path. */
    String migrations() {
        return "classpath:org/pipecatmanager/adapter/mysql/migration/" + folder;
    }

    /** Class name of the JDBC driver. */
    String driver() {
        return driver;
    }

    /** Whether a connection can be told how long to wait for an answer. */
    boolean knowsNetworkTimeout() {
        return this == MYSQL;
    }

    /** Whether a statement failed because its key is there already. */
    boolean isDuplicateKey(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == duplicateKey) {
                return true;
            }
        }
        return false;
    }
}
