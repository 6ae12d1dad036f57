package org.pipecatmanager.adapter.redis;

import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.CacheMeter;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The way to one Redis. Dials with the first command, never before.
 *
 * <p>While Redis is known to be away every command fails at once, but for one a second that tries again and pays the
 * time-outs for all. A change is logged once, and told to the meter.
 *
 * <p><b>Threads.</b> Safe for all; a command blocks for {@link #TIMEOUT} per step at most (a free connection, dialling,
 * each answer of the log-in, the answer). Resolving the server's name is the system's and not bounded here.
 */
public final class RedisConnection implements AutoCloseable {
    /** What is waited for a connection, and for an answer: a cache that takes longer than the database is of no use. */
    static final Duration TIMEOUT = Duration.ofMillis(250);
    /** While Redis is away: from the end of one attempt to the next. */
    static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);
    /** Connections at most; a command takes one for a fraction of a millisecond. */
    private static final int CONNECTIONS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(RedisConnection.class);

    private final RedisConfig config;
    private final JedisClientConfig clientConfig;
    private final TimeSource time;
    private final CacheMeter meter;

    private final ReentrantLock dialling = new ReentrantLock();
    /** Guards the changes of what is below; never held while anything blocks. */
    private final ReentrantLock lock = new ReentrantLock();

    private volatile @Nullable RedisClient client;
    private volatile String problem = "not tried yet";
    private volatile long nextAttemptNanos;
    private volatile boolean closed;

    /** Does not dial. */
    public RedisConnection(RedisConfig config, TimeSource time, CacheMeter meter) {
        this.config = config;
        this.time = time;
        this.meter = meter;
        this.clientConfig = clientConfig(config, TIMEOUT);
        this.nextAttemptNanos = time.nanoTime();
    }

    /** Whether the last that was heard of Redis was an answer. */
    public boolean isUp() {
        return client != null;
    }

    /** Why Redis is away, empty while it is up; holds no secret. */
    public String problem() {
        return isUp() ? "" : problem;
    }

    /** Tries until Redis answers, for {@code patience} at most; says whether it did. */
    public boolean awaitUp(Duration patience) throws InterruptedException {
        long deadline = time.nanoTime() + patience.toNanos();
        while (true) {
            try {
                call(UnifiedJedis::ping);
                return true;
            } catch (StoreException e) {
                long now = time.nanoTime();
                long left = deadline - now;
                if (left <= 0 || closed) {
                    return false;
                }
                long untilNext =
                        Math.max(nextAttemptNanos - now, Duration.ofMillis(10).toNanos());
                Thread.sleep(Duration.ofNanos(Math.min(left, untilNext)));
            }
        }
    }

    /** Ends all connections; commands fail from now on. Idempotent. */
    @Override
    public void close() {
        RedisClient open;
        lock.lock();
        try {
            closed = true;
            problem = "closed";
            open = client;
            client = null;
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.close();
        }
    }

    /** A key of ours. */
    String key(String name) {
        return config.prefix() + name;
    }

    /**
     * Runs a command.
     *
     * @throws StoreException Redis is away, or refused the command: then its cause is a {@link JedisDataException}
     */
    <T extends @Nullable Object> T call(Function<RedisClient, T> command) {
        var current = client;
        if (current == null) {
            current = dial();
        }
        try {
            return command.apply(current);
        } catch (JedisAccessControlException e) {
            throw lost(current, e);
        } catch (JedisDataException e) {
            throw new StoreException("Redis at " + config.address() + " refused a command: " + code(e), e);
        } catch (JedisException e) {
            if (e.getCause() instanceof NoSuchElementException) {
                throw new StoreException(
                        "all " + CONNECTIONS + " connections to Redis at " + config.address() + " were busy for "
                                + TIMEOUT.toMillis() + " ms",
                        e);
            }
            throw lost(current, e);
        }
    }

    /** One thread tries when it is time to; all others hear at once that Redis is away. */
    private RedisClient dial() {
        if (!dialling.tryLock()) {
            throw away(null);
        }
        try {
            var current = client;
            if (current != null) {
                return current;
            }
            if (closed || time.nanoTime() - nextAttemptNanos < 0) {
                throw away(null);
            }
            return came(greeted());
        } catch (JedisException e) {
            went(null, e);
            throw away(e);
        } finally {
            dialling.unlock();
        }
    }

    /** A pool whose server has answered on a connection of its own: the pool logs stack traces when there is none. */
    private RedisClient greeted() {
        var server = new HostAndPort(config.host(), config.port());
        try (var connection = new Connection(server, clientConfig)) {
            connection.ping();
        }
        var pool = new ConnectionPoolConfig();
        pool.setMaxTotal(CONNECTIONS);
        pool.setMaxIdle(CONNECTIONS);
        pool.setMaxWait(TIMEOUT);
        pool.setJmxEnabled(false);
        return RedisClient.builder()
                .hostAndPort(server)
                .clientConfig(clientConfig)
                .poolConfig(pool)
                .build();
    }

    private RedisClient came(RedisClient fresh) {
        lock.lock();
        try {
            if (closed) {
                fresh.close();
                throw away(null);
            }
            client = fresh;
        } finally {
            lock.unlock();
        }
        LOG.info("Redis at {} answers", config.address());
        meter.away(false);
        return fresh;
    }

    private StoreException lost(RedisClient broken, JedisException cause) {
        if (went(broken, cause)) {
            broken.close();
        }
        return away(cause);
    }

    /** Notes that Redis is away, unless somebody else did so or has a newer connection; says whether it was noted. */
    private boolean went(@Nullable RedisClient broken, JedisException cause) {
        var reason = reason(cause);
        boolean news;
        lock.lock();
        try {
            if (closed || !Objects.equals(client, broken)) {
                return false;
            }
            news = broken != null || !reason.equals(problem);
            client = null;
            problem = reason;
            nextAttemptNanos = time.nanoTime() + BETWEEN_ATTEMPTS.toNanos();
        } finally {
            lock.unlock();
        }
        if (news) {
            LOG.warn("Redis at {} is away: {}; tried again every second", config.address(), reason);
            meter.away(true);
        }
        return true;
    }

    private StoreException away(@Nullable JedisException cause) {
        return new StoreException("Redis at " + config.address() + " is away: " + problem, cause);
    }

    /** The system's own reason, which lies deepest; the driver hangs that of a failed dial aside. */
    static String reason(JedisException failure) {
        var deepest = deepest(failure);
        if (deepest instanceof JedisDataException refusal) {
            return "it refuses us: " + code(refusal);
        }
        return deepest.getClass().getSimpleName() + ": " + deepest.getMessage();
    }

    static Throwable deepest(JedisException failure) {
        Throwable deepest = failure;
        for (Throwable next = failure; next != null; next = beneath(next)) {
            deepest = next;
        }
        return deepest;
    }

    private static @Nullable Throwable beneath(Throwable failure) {
        var aside = failure.getSuppressed();
        return failure.getCause() != null || aside.length == 0 ? failure.getCause() : aside[0];
    }

    /** Redis begins each error with a word for its kind; what follows may show keys and values. */
    private static String code(JedisDataException refusal) {
        var message = String.valueOf(refusal.getMessage());
        int end = message.indexOf(' ');
        return end < 0 ? message : message.substring(0, end);
    }

    /** How to dial, and to wait for each answer so long at most. */
    static JedisClientConfig clientConfig(RedisConfig config, Duration timeout) {
        var builder = DefaultJedisClientConfig.builder()
                .resp2()
                .connectionTimeoutMillis((int) timeout.toMillis())
                .socketTimeoutMillis((int) timeout.toMillis())
                .clientName("pipecat-manager")
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .database(config.database());
        if (!config.user().isEmpty()) {
            builder.user(config.user());
        }
        if (!config.password().isEmpty()) {
            builder.password(config.password().reveal());
        }
        if (config.tls()) {
            // FULL: the certificate has to be of this very host too.
            builder.sslOptions(
                    SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
        }
        return builder.build();
    }
}
