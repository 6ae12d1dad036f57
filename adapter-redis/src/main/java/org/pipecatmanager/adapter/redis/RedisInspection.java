package org.pipecatmanager.adapter.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.ScanParams;

/**
 * A look at Redis for who diagnoses; nothing is written.
 *
 * @param place    {@code host:port}
 * @param access   how far we came
 * @param reason   why not further; empty when we did
 * @param version  of the server, empty where it does not tell
 * @param readOnly whether it is a replica, which takes no leases
 * @param ahead    how much its clock is ahead of ours, negative behind; null where it does not tell
 * @param leases   of daemons with our host id, as far as they were found
 */
public record RedisInspection(
        String place,
        Access access,
        String reason,
        String version,
        boolean readOnly,
        @Nullable Duration ahead,
        List<HostInstance> leases) {
    /** The oldest that our tests run against. */
    public static final String LEAST_VERSION = "7.0";

    /** A cache of another service may be large: what is not found in so many steps of a thousand keys is not looked for. */
    private static final int SCAN_STEPS = 200;

    private static final int SCAN_KEYS = 1_000;
    /** A person waits. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    /** How far we came. */
    public enum Access {
        /** It answers. */
        OPEN,
        /** It wants another password, or does not let this user do what a daemon does. */
        REFUSED,
        /** Nobody speaks Redis there. */
        UNREACHABLE
    }

    public RedisInspection {
        leases = List.copyOf(leases);
    }

    /** How much its clock is ahead. */
    public Optional<Duration> clockAhead() {
        return Optional.ofNullable(ahead);
    }

    /**
     * Looks. Blocks for some seconds at most.
     *
     * @param hostId whose leases are looked for
     */
    public static RedisInspection of(RedisConfig config, String hostId) {
        var settings = RedisConnection.clientConfig(config, TIMEOUT);
        try (var redis = new Jedis(new HostAndPort(config.host(), config.port()), settings)) {
            redis.ping();
            return new RedisInspection(
                    config.address(),
                    Access.OPEN,
                    "",
                    told(redis, "server", "redis_version"),
                    told(redis, "replication", "role").equals("slave"),
                    ahead(redis),
                    leases(redis, config.prefix(), hostId));
        } catch (JedisException e) {
            boolean itSpoke = RedisConnection.deepest(e) instanceof JedisDataException;
            return closed(config, itSpoke ? Access.REFUSED : Access.UNREACHABLE, RedisConnection.reason(e));
        } catch (RuntimeException e) {
            // The driver stumbles over an answer that no Redis gives.
            return closed(
                    config,
                    Access.UNREACHABLE,
                    "its answers are not Redis's: " + e.getClass().getSimpleName());
        }
    }

    private static RedisInspection closed(RedisConfig config, Access access, String reason) {
        return new RedisInspection(config.address(), access, reason, "", false, null, List.of());
    }

    /** One line of INFO; empty where the server keeps it to itself. */
    private static String told(Jedis redis, String section, String name) {
        try {
            return redis.info(section)
                    .lines()
                    .filter(line -> line.startsWith(name + ":"))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        } catch (JedisDataException e) {
            return "";
        }
    }

    private static @Nullable Duration ahead(Jedis redis) {
        try {
            var before = Instant.now();
            var parts = redis.time();
            var middle = before.plus(Duration.between(before, Instant.now()).dividedBy(2));
            var theirs = Instant.ofEpochSecond(Long.parseLong(parts.get(0)), Long.parseLong(parts.get(1)) * 1_000);
            return Duration.between(middle, theirs);
        } catch (JedisDataException | NumberFormatException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static List<HostInstance> leases(Jedis redis, String prefix, String hostId) {
        var found = new ArrayList<HostInstance>();
        var start = prefix + RedisHostLeases.LEASE + hostId + ":";
        var wanted = new ScanParams()
                .match(start.replaceAll("([*?\\[\\]\\\\])", "\\\\$1") + "*")
                .count(SCAN_KEYS);
        try {
            var cursor = ScanParams.SCAN_POINTER_START;
            for (int step = 0; step < SCAN_STEPS; step++) {
                var page = redis.scan(cursor, wanted);
                page.getResult().forEach(key -> found.add(new HostInstance(hostId, key.substring(start.length()))));
                cursor = page.getCursor();
                if (page.isCompleteIteration()) {
                    break;
                }
            }
        } catch (JedisDataException e) {
            // It does not let us look: what was found is what we know.
            return found;
        }
        return found.stream().distinct().toList();
    }
}
