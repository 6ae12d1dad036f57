package org.pipecatmanager.adapter.mysql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;

/** Where a database is and how to log in: what {@code DATABASE_DSN} says. */
public final class DatabaseAddress {
    private final Dialect dialect;
    private final String url;
    private final String user;
    private final Secret password;
    private final List<String> warnings;

    DatabaseAddress(Dialect dialect, String url, String user, Secret password, List<String> warnings) {
        this.dialect = dialect;
        this.url = url;
        this.user = user;
        this.password = password;
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads the form of Go services, {@code user:password@tcp(host:3306)/database?parameters}, or a JDBC URL
     * ({@code jdbc:mariadb:}, {@code jdbc:mysql:}, {@code jdbc:h2:}). Without {@code tls} the connection is plain.
     *
     * @throws ConfigurationException it cannot be used; the message never holds the password
     */
    public static DatabaseAddress parse(String dsn) {
        var text = dsn.strip();
        if (text.isEmpty()) {
            throw refused("is empty");
        }
        return text.startsWith("jdbc:") ? JdbcUrl.parse(text) : GoDsn.parse(text);
    }

    /** Sentences for one warning at start: parameters that mean nothing here; empty for none. */
    public List<String> warnings() {
        return warnings;
    }

    Dialect dialect() {
        return dialect;
    }

    /** For the driver, without user and password. */
    String url() {
        return url;
    }

    String user() {
        return user;
    }

    Secret password() {
        return password;
    }

    /** What every complaint looks like. */
    static ConfigurationException refused(String what) {
        return new ConfigurationException(
                List.of(
                        "DATABASE_DSN " + what
                                + "; use user:password@tcp(host:3306)/database or jdbc:mariadb://host:3306/database?user=…&password=…"));
    }

    /** Splits {@code a=1&b=2}; a name without a value has the empty one. */
    static Map<String, String> parameters(String query, String separator) {
        var parameters = new LinkedHashMap<String, String>();
        for (var part : query.split(separator, -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                parameters.put(
                        equals < 0 ? part : part.substring(0, equals), equals < 0 ? "" : part.substring(equals + 1));
            }
        }
        return parameters;
    }

    /** Joins them again. */
    static String query(Map<String, String> parameters) {
        var parts = new ArrayList<String>();
        parameters.forEach((name, value) -> parts.add(name + "=" + value));
        return String.join("&", parts);
    }

    /** Address and user; the password is not part of it. */
    @Override
    public String toString() {
        return user.isEmpty() ? url : url + " as " + user;
    }
}
