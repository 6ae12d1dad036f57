package org.pipecatmanager.adapter.mysql;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;

/** JDBC URLs of MariaDB, MySQL (run by MariaDB's driver) and H2. */
final class JdbcUrl {
    /** What H2 needs to understand our statements; said by us where the URL does not. */
    private static final Map<String, String> H2_SETTINGS = Map.of(
            "MODE", "MySQL",
            "DATABASE_TO_LOWER", "TRUE",
            "CASE_INSENSITIVE_IDENTIFIERS", "TRUE",
            "DB_CLOSE_ON_EXIT", "FALSE",
            "TRACE_LEVEL_FILE", "0",
            // What was answered is in the file: a process that is killed loses nothing.
            "WRITE_DELAY", "0");

    private JdbcUrl() {}

    static DatabaseAddress parse(String url) {
        for (var scheme : List.of("jdbc:mariadb:", "jdbc:mysql:")) {
            if (url.startsWith(scheme)) {
                return mysql("jdbc:mariadb:" + url.substring(scheme.length()));
            }
        }
        if (url.startsWith("jdbc:h2:")) {
            return h2(url);
        }
        throw DatabaseAddress.refused("is a JDBC URL of another database than MariaDB, MySQL or H2");
    }

    /** An H2 database, with what it needs said. */
    static DatabaseAddress h2(String url) {
        int settingsAt = url.indexOf(';');
        var settings = new LinkedHashMap<String, String>();
        if (settingsAt >= 0) {
            DatabaseAddress.parameters(url.substring(settingsAt + 1), ";")
                    .forEach((name, value) -> settings.put(name.toUpperCase(Locale.ROOT), value));
        }
        var user = settings.remove("USER");
        var password = settings.remove("PASSWORD");
        H2_SETTINGS.keySet().stream()
                .sorted()
                .forEach(name -> settings.putIfAbsent(name, H2_SETTINGS.getOrDefault(name, "")));
        var whole = new StringBuilder(settingsAt < 0 ? url : url.substring(0, settingsAt));
        settings.forEach(
                (name, value) -> whole.append(';').append(name).append('=').append(value));
        return new DatabaseAddress(
                Dialect.H2,
                whole.toString(),
                user == null ? "sa" : user,
                Secret.of(password == null ? "" : password),
                List.of());
    }

    private static DatabaseAddress mysql(String url) {
        int question = url.indexOf('?');
        var path = question < 0 ? url : url.substring(0, question);
        if (path.contains("@")) {
            throw DatabaseAddress.refused("has user and password before the host, which JDBC does not have");
        }
        if (!path.matches("jdbc:mariadb:[^/]*//.+/[^/]+")) {
            throw DatabaseAddress.refused("names no host and database");
        }
        var parameters = DatabaseAddress.parameters(question < 0 ? "" : url.substring(question + 1), "&");
        var user = decoded(parameters.remove("user"));
        var password = decoded(parameters.remove("password"));
        var ssl = sslMode(parameters.remove("sslMode"), parameters.remove("useSSL"), parameters.remove("useSsl"));
        parameters.put("sslMode", ssl);
        if (ssl.equals("disable")) {
            parameters.putIfAbsent("allowPublicKeyRetrieval", "true");
        }
        return new DatabaseAddress(
                Dialect.MYSQL, path + "?" + DatabaseAddress.query(parameters), user, Secret.of(password), List.of());
    }

    /** MariaDB's name of a mode; MySQL's names are other ones. */
    private static String sslMode(@Nullable String mode, @Nullable String mysqlUse, @Nullable String mariadbUse) {
        if (mode == null) {
            return "true".equals(mysqlUse) || "true".equals(mariadbUse) ? "verify-full" : "disable";
        }
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "disabled" -> "disable";
            case "preferred", "required" -> "trust";
            case "verify_ca" -> "verify-ca";
            case "verify_identity" -> "verify-full";
            default -> mode;
        };
    }

    private static String decoded(@Nullable String value) {
        if (value == null) {
            return "";
        }
        try {
            return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value;
        }
    }
}
