package org.pipecatmanager.daemon.wiring;

import com.google.inject.Inject;
import com.google.inject.name.Named;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.pipecatmanager.adapter.amqp.AmqpConnection;
import org.pipecatmanager.adapter.amqp.EventRelay;
import org.pipecatmanager.adapter.amqp.RpcServer;
import org.pipecatmanager.adapter.mysql.Database;
import org.pipecatmanager.adapter.redis.RedisConnection;
import org.pipecatmanager.adapter.redis.WriteBehindCache;
import org.pipecatmanager.daemon.http.Readiness;
import org.pipecatmanager.domain.platform.ToolCatalog;
import org.pipecatmanager.domain.reaper.OwnLeftovers;
import org.pipecatmanager.domain.reaper.Reaper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Database, cache and broker of a platform; each has to be there at the start, none has to stay. */
final class PlatformBacking implements Backing {
    private static final Logger LOG = LoggerFactory.getLogger(PlatformBacking.class);
    /** How long a start waits for its services. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Database database;
    private final RedisConnection redis;
    private final WriteBehindCache cache;
    private final AmqpConnection out;
    private final AmqpConnection in;
    private final EventRelay relay;
    private final RpcServer server;
    private final ToolCatalog tools;
    private final OwnLeftovers leftovers;
    private final Reaper reaper;
    private final Records records;
    private final Readiness readiness;

    @Inject
    PlatformBacking(
            Database database,
            RedisConnection redis,
            WriteBehindCache cache,
            @Named(AmqpModule.OUT) AmqpConnection out,
            @Named(AmqpModule.IN) AmqpConnection in,
            EventRelay relay,
            RpcServer server,
            ToolCatalog tools,
            OwnLeftovers leftovers,
            Reaper reaper,
            Records records,
            Readiness readiness) {
        this.database = database;
        this.redis = redis;
        this.cache = cache;
        this.out = out;
        this.in = in;
        this.relay = relay;
        this.server = server;
        this.tools = tools;
        this.leftovers = leftovers;
        this.reaper = reaper;
        this.records = records;
        this.readiness = readiness;
    }

    @Override
    public void open(Undo undo) throws IOException, InterruptedException {
        readiness.needs("store", database::problem);
        readiness.needs("cache", redis::problem);
        readiness.needs("broker", () -> out.problem().isEmpty() ? in.problem() : out.problem());
        undo.push(database::close);
        undo.push(redis::close);
        undo.push(cache::close);
        undo.push(out::close);
        out.start();
        Awaited.all(
                List.of(
                        new Awaited("database (DATABASE_DSN)", this::awaitDatabase, database::problem),
                        new Awaited("Redis (REDIS_ADDRESS)", redis::awaitUp, redis::problem),
                        new Awaited("RabbitMQ (RABBITMQ_ADDRESS)", out::awaitUp, out::problem)),
                PATIENCE);
        records.open(undo, () -> leftovers.claim(PATIENCE));
        relay.start();
        undo.push(relay::close);
        records.start(undo);
        reaper.start();
        undo.push(reaper::close);
        tools.start();
        undo.push(tools::close);
    }

    /** Cache and broker tell the log themselves. */
    private boolean awaitDatabase(Duration patience) throws InterruptedException {
        return database.awaitUp(patience, reason -> LOG.warn("the database {} is away: {}", database, reason));
    }

    @Override
    public void serve(Undo undo) throws IOException, InterruptedException {
        undo.push(in::close);
        undo.push(server::close);
        in.start();
        Awaited.all(List.of(new Awaited("RabbitMQ (RABBITMQ_ADDRESS)", in::awaitUp, in::problem)), PATIENCE);
    }
}
