package org.pipecatmanager.adapter.redis;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;

/**
 * Where Redis is and how to enter.
 *
 * @param host     name or address, an IPv6 one without brackets
 * @param port     1 to 65535
 * @param tls      whether the connection is encrypted and the server's certificate and name are checked
 * @param user     of the access control list, empty for the default user
 * @param password empty for none
 * @param database number of the logical database, 0 or more
 * @param prefix   put before every key, empty except where several share a database, such as tests
 */
public record RedisConfig(
        String host, int port, boolean tls, String user, Secret password, int database, String prefix) {
    /** What Redis listens on unless told otherwise. */
    public static final int DEFAULT_PORT = 6379;

    private static final Pattern ADDRESS = Pattern.compile("(?:(?<scheme>[a-zA-Z]+)://)?"
            + "(?:(?<login>.*)@)?"
            + "(?:\\[(?<ipv6>[0-9a-fA-F:.]+)]|(?<host>[^\\[\\]:/@\\s?#]+))"
            + "(?::(?<port>\\d{1,5}))?"
            + "(?:/(?<database>\\d{1,9})?)?");

    public RedisConfig {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw invalid("the port of Redis at '" + host + "' is " + port + "; use 1 to 65535");
        }
        if (database < 0) {
            throw invalid("REDIS_DATABASE is " + database + "; use 0 or more");
        }
    }

    /**
     * Reads an address as {@code REDIS_ADDRESS} has it: {@code host}, {@code host:port}, or a URL
     * {@code redis[s]://[[user]:password@]host[:port][/database]}. What the URL leaves out is taken from the other
     * parameters; what it says counts.
     *
     * @param password for an address that has none, may be empty
     * @param database for an address that has none
     * @throws ConfigurationException the address cannot be read; the message shows it without user and password
     */
    public static RedisConfig of(String address, Secret password, int database) {
        var parts = ADDRESS.matcher(address.strip());
        if (!parts.matches()) {
            throw invalid("REDIS_ADDRESS is '" + withoutLogin(address)
                    + "'; use host:port, or redis://host:port/database, or rediss:// for TLS");
        }
        var scheme =
                parts.group("scheme") == null ? "redis" : parts.group("scheme").toLowerCase(Locale.ROOT);
        if (!scheme.equals("redis") && !scheme.equals("rediss")) {
            throw invalid("REDIS_ADDRESS begins with '" + scheme + "://'; use redis://, or rediss:// for TLS");
        }
        var login = Login.of(parts.group("login"));
        return new RedisConfig(
                parts.group("ipv6") == null ? parts.group("host") : parts.group("ipv6"),
                parts.group("port") == null ? DEFAULT_PORT : Integer.parseInt(parts.group("port")),
                scheme.equals("rediss"),
                login.user(),
                login.password().isEmpty() ? password : login.password(),
                parts.group("database") == null ? database : Integer.parseInt(parts.group("database")),
                "");
    }

    /** The same with another prefix. */
    public RedisConfig withPrefix(String newPrefix) {
        return new RedisConfig(host, port, tls, user, password, database, newPrefix);
    }

    /** {@code host:port} for messages. */
    public String address() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static String withoutLogin(String address) {
        int at = address.lastIndexOf('@');
        return at < 0 ? address : "***" + address.substring(at);
    }

    private static ConfigurationException invalid(String problem) {
        return new ConfigurationException(List.of(problem));
    }
}
