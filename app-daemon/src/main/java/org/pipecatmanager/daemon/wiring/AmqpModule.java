package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.name.Named;
import org.pipecatmanager.adapter.amqp.AmqpAiManager;
import org.pipecatmanager.adapter.amqp.AmqpCallManager;
import org.pipecatmanager.adapter.amqp.AmqpConnection;
import org.pipecatmanager.adapter.amqp.AmqpPeerHosts;
import org.pipecatmanager.adapter.amqp.EventRelay;
import org.pipecatmanager.adapter.amqp.RpcClient;
import org.pipecatmanager.adapter.amqp.RpcServer;
import org.pipecatmanager.adapter.amqp.RpcServerConfig;
import org.pipecatmanager.adapter.mysql.Journal;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.PlatformConfig;
import org.pipecatmanager.daemon.metrics.RpcCounts;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.PeerHosts;

/**
 * The broker, by two connections: what we ask and tell goes out by one, before anybody may ask us by the other; and a broker
 * that holds publishers back does not hold requests back.
 */
final class AmqpModule extends AbstractModule {
    static final String OUT = "out";
    static final String IN = "in";

    @Provides
    @Singleton
    @Named(OUT)
    AmqpConnection out(PlatformConfig config, RpcCounts meter) {
        return AmqpConnection.create(config.rabbitmq(), meter);
    }

    @Provides
    @Singleton
    @Named(IN)
    AmqpConnection in(PlatformConfig config, RpcCounts meter) {
        return AmqpConnection.create(config.rabbitmq(), meter);
    }

    @Provides
    @Singleton
    RpcClient client(@Named(OUT) AmqpConnection out) {
        return RpcClient.create(out, RpcClient.DEFAULT_MAX_IN_FLIGHT);
    }

    @Provides
    @Singleton
    EventRelay relay(@Named(OUT) AmqpConnection out, Journal outbox, RpcCounts meter, SystemTime time) {
        return EventRelay.create(out, outbox, meter, time);
    }

    @Provides
    @Singleton
    RpcServer server(
            @Named(IN) AmqpConnection in, DaemonConfig config, PipecatEngine engine, Taping taping, RpcCounts meter) {
        return RpcServer.create(in, RpcServerConfig.of(config.hostId()), taping.control(engine), meter);
    }

    @Provides
    @Singleton
    CallManager callManager(RpcClient client, RpcCounts meter, SystemTime time) {
        return new AmqpCallManager(client, meter, time);
    }

    @Provides
    @Singleton
    AiManager aiManager(RpcClient client, RpcCounts meter, SystemTime time) {
        return new AmqpAiManager(client, meter, time);
    }

    @Provides
    @Singleton
    PeerHosts peers(RpcClient client, RpcCounts meter, SystemTime time) {
        return new AmqpPeerHosts(client, meter, time);
    }
}
