package org.pipecatmanager.adapter.amqp;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;

/**
 * How to reach the broker. {@link #to(Secret, String)} has the defaults.
 *
 * @param uri            {@code amqp://user:password@host:5672/vhost} or {@code amqps://…} ({@code RABBITMQ_ADDRESS}); user and
 *                       password URL-encoded. Over TLS the certificate has to be one that this Java trusts, for that host
 * @param clientName     what the broker's list of connections shows
 * @param heartbeat      asked of the broker; two of them without a sign of life end the connection. Whole seconds
 * @param connectTimeout for the TCP connection, and again for the handshake of the protocol
 * @param retryPause     between one attempt and the next
 */
public record AmqpConfig(
        Secret uri, String clientName, Duration heartbeat, Duration connectTimeout, Duration retryPause) {
    private static final String KEY = "RABBITMQ_ADDRESS";
    private static final String WAY_OUT = "; use amqp://user:password@host:5672/ or amqps://…, with user and password"
            + " URL-encoded (a % is written %25, an @ %40)";

    /**
     * Refuses what cannot work; no message quotes the address, which holds a password.
     *
     * @throws ConfigurationException the address is not an AMQP URL
     */
    public AmqpConfig {
        var complaint = complaint(uri.reveal());
        if (complaint != null) {
            throw new ConfigurationException(List.of(KEY + " " + complaint + WAY_OUT));
        }
        if (heartbeat.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("heartbeat is " + heartbeat + "; use whole seconds such as PT10S");
        }
        if (!connectTimeout.isPositive() || !retryPause.isPositive()) {
            throw new IllegalArgumentException("connectTimeout is " + connectTimeout + " and retryPause " + retryPause
                    + "; use positive durations such as PT5S and PT1S");
        }
    }

    /** The defaults: a heartbeat every 10 s, 5 s to connect, 1 s between attempts. */
    public static AmqpConfig to(Secret uri, String clientName) {
        return new AmqpConfig(uri, clientName, Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(1));
    }

    /** Whether the connection is encrypted. */
    boolean tls() {
        return parsed().getScheme().toLowerCase(Locale.ROOT).equals("amqps");
    }

    /** Host and port for messages: neither user nor password. */
    String place() {
        var parsed = parsed();
        int port = parsed.getPort() >= 0 ? parsed.getPort() : tls() ? 5671 : 5672;
        return parsed.getHost() + ":" + port;
    }

    private URI parsed() {
        return URI.create(uri.reveal());
    }

    private static @Nullable String complaint(String text) {
        if (text.isEmpty()) {
            return "is empty";
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return "is not a URL";
        }
        var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("amqp") && !scheme.equals("amqps")) {
            return "does not begin with amqp:// or amqps://";
        }
        if (uri.getHost() == null) {
            return "names no host";
        }
        var path = uri.getRawPath();
        return path != null && path.indexOf('/', 1) > 0
                ? "has more than one path segment: a / in a vhost is %2f"
                : null;
    }
}
