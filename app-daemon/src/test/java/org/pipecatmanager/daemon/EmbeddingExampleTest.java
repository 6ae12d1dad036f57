package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.pipecatws.PipecatWsConfig;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** What an embedder writes, word for word as the README shows it, without Guice and without the daemon. */
class EmbeddingExampleTest {
    private final LinkedBlockingQueue<EventType> heard = new LinkedBlockingQueue<>();

    @Test
    @Timeout(60)
    void a_service_embeds_engine_and_adapters_in_a_few_lines() throws Exception {
        var runnerPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var callerPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var launcher = new FakeRunnerLauncher();
        PipecatcallId id;

        // README
        try (var time = new SystemTime();
                var engine = PipecatEngine.builder()
                        .agents(new StaticAgentCatalog(List.of(Agent.of("echo", "echo")), "echo"))
                        .launcher(launcher)
                        .time(time)
                        .alarms(time)
                        .publisher(this::onEvent)
                        .build();
                var runners = PipecatWsServer.create(
                        PipecatWsConfig.on(runnerPort),
                        engine,
                        engine,
                        exchange -> exchange.respond(404, "", new byte[0]),
                        ConnectionMeter.NONE,
                        ConnectionMeter.NONE);
                var callers = AudioSocketServer.create(
                        AudioSocketConfig.listeningOn(List.of(new AudioSocketConfig.Listener(callerPort, ""))),
                        engine,
                        ConnectionMeter.NONE,
                        time)) {
            runners.start();
            callers.start();
            var call = engine.start(StartCommand.ofAgent(new PipecatcallId(new RandomIds().nextId()), "echo"));
            // README
            id = call.id();
            assertThat(callers.addresses()).hasSize(1);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(EventType.PIPECATCALL_CREATED);
            assertThat(launcher.awaitLaunch(id).call().id()).isEqualTo(id);
        }
        assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(EventType.PIPECATCALL_TERMINATED);
    }

    @Test
    void the_readme_shows_these_lines() throws Exception {
        String source = Files.readString(Path.of("src/test/java/org/pipecatmanager/daemon/EmbeddingExampleTest.java"));
        String marker = "        // README\n";
        int from = source.indexOf(marker) + marker.length();
        String shown = source.substring(from, source.indexOf("    " + marker, from))
                .stripTrailing()
                .stripIndent();

        assertThat(Files.readString(Path.of("../README.md"))).contains("```java\n" + shown);
    }

    private void onEvent(CallEvent event) {
        heard.add(event.type());
    }
}
