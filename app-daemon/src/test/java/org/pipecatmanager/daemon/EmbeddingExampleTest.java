package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig.Listener;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.pipecatws.PipecatWsConfig;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** What an embedder writes: engine and adapters by their constructors, without Guice and without the daemon. */
class EmbeddingExampleTest {
    @Test
    @Timeout(60)
    void a_service_embeds_engine_and_adapters_in_ten_lines() throws Exception {
        var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var launcher = new FakeRunnerLauncher(); // HttpRunnerLauncher where there is a runner
        var heard = new LinkedBlockingQueue<EventType>();
        PipecatcallId id;

        try (var time = new SystemTime();
                var engine = PipecatEngine.builder()
                        .agents(new StaticAgentCatalog(List.of(Agent.of("echo", "echo")), "echo"))
                        .launcher(launcher)
                        .time(time)
                        .alarms(time)
                        .publisher(event -> heard.add(event.type()))
                        .build();
                var runners = PipecatWsServer.create(
                        PipecatWsConfig.on(loopback),
                        engine,
                        engine,
                        exchange -> exchange.respond(404, "", new byte[0]),
                        ConnectionMeter.NONE,
                        ConnectionMeter.NONE);
                var callers = AudioSocketServer.create(
                        AudioSocketConfig.listeningOn(List.of(new Listener(loopback, ""))),
                        engine,
                        ConnectionMeter.NONE,
                        time)) {
            runners.start();
            callers.start();

            id = engine.start(StartCommand.ofAgent(new PipecatcallId(new RandomIds().nextId()), "echo"))
                    .id();
            assertThat(callers.addresses()).hasSize(1);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(EventType.PIPECATCALL_CREATED);
            assertThat(launcher.awaitLaunch(id).call().id()).isEqualTo(id);
        }
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(EventType.PIPECATCALL_TERMINATED);
    }
}
