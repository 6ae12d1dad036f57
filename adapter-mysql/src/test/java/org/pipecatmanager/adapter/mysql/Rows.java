package org.pipecatmanager.adapter.mysql;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;

/** Looks at rows. */
final class Rows {
    /** The daemon that tests play. */
    static final HostInstance SELF = new HostInstance("10.0.0.7", "instance-self");

    private Rows() {}

    static int count(Database database, String table) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery("SELECT count(*) FROM " + table)
                        .mapTo(Integer.class)
                        .one());
    }

    /** The one value of a query, null for SQL's NULL and for no row. */
    static @Nullable String text(Database database, String query) {
        return database.jdbi()
                .withHandle(handle -> handle.createQuery(query)
                        .map((row, context) -> Optional.ofNullable(row.getString(1)))
                        .findFirst())
                .flatMap(value -> value)
                .orElse(null);
    }
}
