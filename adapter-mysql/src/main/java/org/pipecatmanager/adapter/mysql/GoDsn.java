package org.pipecatmanager.adapter.mysql;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.pipecatmanager.ports.model.Secret;

/** The address form of Go's MySQL driver, {@code user:password@tcp(host:port)/database?name=value&…}. */
final class GoDsn {
    private static final Pattern ADDRESS = Pattern.compile("(?<host>\\[[^\\]]+\\]|[^:\\[\\]]+)(:(?<port>\\d{1,5}))?");
    private static final Pattern DATABASE = Pattern.compile("[^/?&;#\\s]+");
    private static final Pattern DURATION = Pattern.compile("(?<number>\\d{1,9}(\\.\\d{1,3})?)(?<unit>ms|s|m|h)");
    private static final Map<String, Long> UNIT_MILLIS = Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L);

    /** Parameters of Go's driver that describe how Go reads its rows, or that ours always does. */
    private static final Set<String> MEANINGLESS = Set.of(
            "allowAllFiles",
            "allowCleartextPasswords",
            "allowFallbackToPlaintext",
            "allowNativePasswords",
            "allowOldPasswords",
            "charset",
            "checkConnLiveness",
            "clientFoundRows",
            "collation",
            "columnsWithAlias",
            "compress",
            "connectionAttributes",
            "interpolateParams",
            "loc",
            "maxAllowedPacket",
            "multiStatements",
            "parseTime",
            "rejectReadOnly",
            "serverPubKey",
            "timeTruncate",
            "writeTimeout");

    private GoDsn() {}

    static DatabaseAddress parse(String dsn) {
        int network = networkAt(dsn);
        var login = dsn.substring(0, Math.max(0, network - 1));
        int closing = dsn.indexOf(')', network);
        if (closing < 0 || closing + 1 >= dsn.length() || dsn.charAt(closing + 1) != '/') {
            throw DatabaseAddress.refused("has no ')/database' after its address");
        }
        var address = ADDRESS.matcher(dsn.substring(dsn.indexOf('(', network) + 1, closing));
        if (!address.matches()) {
            throw DatabaseAddress.refused("has an address that is not host:port");
        }
        int question = dsn.indexOf('?', closing);
        var database = dsn.substring(closing + 2, question < 0 ? dsn.length() : question);
        if (!DATABASE.matcher(database).matches()) {
            throw DatabaseAddress.refused("names no database after the '/'");
        }
        var warnings = new ArrayList<String>();
        var driver = driverParameters(question < 0 ? "" : dsn.substring(question + 1), warnings);
        var port = address.group("port");
        var url = "jdbc:mariadb://" + address.group("host") + ":" + (port == null ? "3306" : port) + "/" + database
                + "?" + DatabaseAddress.query(driver);
        int colon = login.indexOf(':');
        return new DatabaseAddress(
                Dialect.MYSQL,
                url,
                colon < 0 ? login : login.substring(0, colon),
                Secret.of(colon < 0 ? "" : login.substring(colon + 1)),
                warnings);
    }

    /** Where {@code tcp(} starts; a password may hold what looks like one, so the last counts. */
    private static int networkAt(String dsn) {
        int at = dsn.lastIndexOf("@tcp(");
        if (at >= 0) {
            return at + 1;
        }
        if (dsn.startsWith("tcp(")) {
            return 0;
        }
        if (dsn.contains("unix(")) {
            throw DatabaseAddress.refused("names a unix socket, which this service cannot dial: give the TCP address");
        }
        throw DatabaseAddress.refused("has no '@tcp(host:port)/'");
    }

    private static Map<String, String> driverParameters(String query, List<String> warnings) {
        var driver = new LinkedHashMap<String, String>();
        var unknown = new ArrayList<String>();
        driver.put("sslMode", "disable");
        DatabaseAddress.parameters(query, "&").forEach((name, value) -> {
            switch (name) {
                case "tls" -> driver.put("sslMode", sslMode(value, warnings));
                case "timeout" -> driver.put("connectTimeout", millis(name, value));
                case "readTimeout" -> driver.put("socketTimeout", millis(name, value));
                default -> {
                    if (!MEANINGLESS.contains(name)) {
                        unknown.add(name);
                    }
                }
            }
        });
        if (driver.get("sslMode").equals("disable")) {
            // MySQL 8 sends its key to whoever logs in with a password on a plain connection; Go's driver takes it too.
            driver.put("allowPublicKeyRetrieval", "true");
        }
        if (!unknown.isEmpty()) {
            warnings.add("DATABASE_DSN has parameters that mean nothing here and are ignored: "
                    + String.join(", ", unknown));
        }
        return driver;
    }

    private static String sslMode(String tls, List<String> warnings) {
        return switch (tls) {
            case "false", "" -> "disable";
            case "true" -> "verify-full";
            case "skip-verify" -> "trust";
            case "preferred" -> {
                warnings.add(
                        "DATABASE_DSN has tls=preferred, which is run as tls=skip-verify: a server without TLS is refused");
                yield "trust";
            }
            default ->
                throw DatabaseAddress.refused("has tls=" + tls + "; it can be true, skip-verify, preferred or false");
        };
    }

    private static String millis(String name, String value) {
        var duration = DURATION.matcher(value);
        if (!duration.matches()) {
            throw DatabaseAddress.refused(
                    "has " + name + "=" + value + ", which is not a duration such as 5s or 500ms");
        }
        double millis =
                Double.parseDouble(duration.group("number")) * UNIT_MILLIS.getOrDefault(duration.group("unit"), 1L);
        return Long.toString(Math.min(Math.round(millis), Integer.MAX_VALUE));
    }
}
