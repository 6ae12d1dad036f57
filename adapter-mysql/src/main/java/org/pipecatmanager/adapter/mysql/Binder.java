package org.pipecatmanager.adapter.mysql;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Gives the parameters of a statement their values, from the first on, as {@link Columns} has them. */
final class Binder {
    private final PreparedStatement statement;
    private int next = 1;

    Binder(PreparedStatement statement) {
        this.statement = statement;
    }

    @CanIgnoreReturnValue
    Binder add(@Nullable String value) throws SQLException {
        statement.setString(next++, value);
        return this;
    }

    @CanIgnoreReturnValue
    Binder add(@Nullable UUID value) throws SQLException {
        statement.setBytes(next++, value == null ? null : Columns.bytes(value));
        return this;
    }

    @CanIgnoreReturnValue
    Binder add(@Nullable Instant value) throws SQLException {
        var time = Columns.time(value);
        if (time == null) {
            statement.setNull(next++, Types.TIMESTAMP);
        } else {
            statement.setObject(next++, time);
        }
        return this;
    }

    @CanIgnoreReturnValue
    Binder add(@Nullable Long value) throws SQLException {
        if (value == null) {
            statement.setNull(next++, Types.BIGINT);
        } else {
            statement.setLong(next++, value);
        }
        return this;
    }

    @CanIgnoreReturnValue
    Binder add(int value) throws SQLException {
        statement.setInt(next++, value);
        return this;
    }

    @CanIgnoreReturnValue
    Binder add(boolean value) throws SQLException {
        statement.setBoolean(next++, value);
        return this;
    }
}
