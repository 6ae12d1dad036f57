package org.pipecatmanager.daemon.config;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.amqp.AmqpConfig;
import org.pipecatmanager.adapter.mysql.DatabaseAddress;
import org.pipecatmanager.adapter.redis.RedisConfig;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.Secret;

/** Reads what only a platform's daemon needs. */
final class PlatformReader {
    /** Call-manager's words for 8 and 16 kHz. */
    private static final List<String> FORMATS = List.of("slin", "slin16");
    /** What fits the name of a queue, 255 bytes, behind the common part. */
    private static final int LONGEST_HOST_ID = 200;

    private static final int DATABASES = 1_000;

    private final Settings settings;
    private final Values values;

    PlatformReader(Settings settings, Values values) {
        this.settings = settings;
        this.values = values;
    }

    /** Everything; null when broker, database or cache cannot be used, which the values know by then. */
    @Nullable
    PlatformConfig read(String hostId, HostPort audioSocket) {
        AmqpConfig rabbitmq = rabbitmq(hostId);
        DatabaseAddress database = database();
        RedisConfig redis = redis();
        AudioFormat format = format();
        HostPort advertised = advertised(audioSocket);
        return rabbitmq == null || database == null || redis == null
                ? null
                : new PlatformConfig(rabbitmq, database, redis, format, advertised);
    }

    /** What names this daemon's own queue, and the owner in its records. */
    String hostId() {
        String host = settings.get(Key.POD_IP);
        if (host.isEmpty()) {
            values.problem("POD_IP is not set, and RABBITMQ_ADDRESS asks for platform mode: it names this daemon's own"
                    + " queue, and the owner in its records, so that stops and messages find the call; set it to the"
                    + " address of this host (Kubernetes: fieldRef status.podIP)");
        } else if (host.length() > LONGEST_HOST_ID || host.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            values.problem("POD_IP is '" + host + "'; it becomes part of a queue's name: set an address of at most "
                    + LONGEST_HOST_ID + " printable characters, without spaces");
        } else if (!isAddress(host)) {
            values.warning("POD_IP is '" + host + "', a name and not an address: daemons that share it share one queue"
                    + " and take each other's calls; set the address of this host, one for each daemon");
        }
        return host;
    }

    private static boolean isAddress(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Call-manager's word is checked in either mode. */
    AudioFormat format() {
        String format = settings.get(Key.AUDIOSOCKET_FORMAT);
        if (!FORMATS.contains(format)) {
            values.problem("AUDIOSOCKET_FORMAT is '" + format + "'; set " + String.join(" or ", FORMATS));
        }
        return format.equals("slin16") ? AudioFormat.SLIN_16K : AudioFormat.SLIN_8K;
    }

    private @Nullable AmqpConfig rabbitmq(String hostId) {
        return values.gathered(
                () -> AmqpConfig.to(Secret.of(settings.get(Key.RABBITMQ_ADDRESS)), "pipecat-manager " + hostId));
    }

    private @Nullable DatabaseAddress database() {
        if (settings.given(Key.DATABASE_DSN).isEmpty()) {
            values.problem(
                    "DATABASE_DSN is not set, and RABBITMQ_ADDRESS asks for platform mode, which keeps its records"
                            + " there; write user:password@tcp(host:3306)/name, or a JDBC address");
            return null;
        }
        DatabaseAddress address = values.gathered(() -> DatabaseAddress.parse(settings.get(Key.DATABASE_DSN)));
        if (address != null) {
            address.warnings().forEach(values::warning);
        }
        return address;
    }

    private @Nullable RedisConfig redis() {
        int number = values.count(Key.REDIS_DATABASE, 0, DATABASES);
        if (settings.given(Key.REDIS_ADDRESS).isEmpty()) {
            values.problem("REDIS_ADDRESS is not set, and RABBITMQ_ADDRESS asks for platform mode, in which daemons see"
                    + " there which of them are alive; set host:port");
            return null;
        }
        return values.gathered(() ->
                RedisConfig.of(settings.get(Key.REDIS_ADDRESS), Secret.of(settings.get(Key.REDIS_PASSWORD)), number));
    }

    private @Nullable HostPort advertised(HostPort audioSocket) {
        if (settings.given(Key.AUDIOSOCKET_ADVERTISED_ADDRESS).isPresent()) {
            HostPort address = values.address(Key.AUDIOSOCKET_ADVERTISED_ADDRESS, "");
            if (address.isWildcard() || address.port() == 0) {
                values.problem("AUDIOSOCKET_ADVERTISED_ADDRESS is " + address + ", where nobody can connect;"
                        + " set the host:port under which Asterisk reaches this daemon");
            }
            return address;
        }
        if (audioSocket.isWildcard()) {
            values.problem("AUDIOSOCKET_LISTEN_ADDRESS is " + audioSocket + ", every address of this host, and"
                    + " AUDIOSOCKET_ADVERTISED_ADDRESS is not set: Asterisk has to be told one; set the host:port under"
                    + " which it reaches this daemon");
        }
        return null;
    }
}
