package org.pipecatmanager.daemon.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.adapter.amqp.AmqpConfig;
import org.pipecatmanager.adapter.amqp.AmqpConnection;
import org.pipecatmanager.adapter.amqp.RpcServer;
import org.pipecatmanager.adapter.amqp.RpcServerConfig;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RpcMeter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line over a real RabbitMQ, with an engine behind it. */
@Tag("it")
@Timeout(120)
class BrokerControlIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String broker = broker();
    private final SystemTime time = new SystemTime();
    private final PipecatEngine engine = PipecatEngine.builder()
            .agents(new StaticAgentCatalog(List.of(Agent.of("echo", "echo")), ""))
            .publisher(new InMemoryEvents(100, 100, time))
            .launcher(new FakeRunnerLauncher())
            .time(time)
            .alarms(time)
            .hostId("control-it")
            .build();
    private final AmqpConnection connection =
            AmqpConnection.create(AmqpConfig.to(Secret.of(broker), "control-it"), RpcMeter.NONE);
    private final RpcServer server =
            RpcServer.create(connection, RpcServerConfig.of("control-it"), engine, RpcMeter.NONE);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static String broker() {
        String url = System.getenv("PIPECAT_AMQP_URL");
        assertThat(url)
                .as("PIPECAT_AMQP_URL; start the services with dev/services start build/services, or run make test")
                .isNotNull();
        return url;
    }

    @BeforeEach
    void start() throws InterruptedException {
        connection.start();
        assertThat(connection.awaitUp(PATIENCE)).as(connection.problem()).isTrue();
    }

    @AfterEach
    void stop() {
        server.close();
        connection.close();
        engine.close();
        time.close();
    }

    @Test
    void a_call_is_started_read_shown_listed_and_ended_over_the_broker() {
        assertThat(control("start", "--agent", "echo", "--tts_voice_id=v"))
                .as(this::said)
                .isZero();
        String id = answer().path("id").asString();
        assertThat(answer().path("host_id").asString()).isEqualTo("control-it");
        assertThat(control("get", "--id", id)).isZero();
        assertThat(answer().path("tts_voice_id").asString()).isEqualTo("v");
        assertThat(control("list", "--page-size=1")).isZero();
        assertThat(answer().path("result")).hasSize(1);
        assertThat(control("show", "--id", id)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("call " + id);
        assertThat(control("send-message", "--id", id, "--message", "hello")).isEqualTo(1);
        assertThat(said()).contains("409");
        assertThat(control("terminate", "--id", id)).isZero();
        assertThat(answer().path("id").asString()).isEqualTo(id);
        assertThat(engine.get(PipecatcallId.parse(id)).endReason()).hasToString("REQUESTED");
    }

    @Test
    void a_refusal_ends_with_1_and_its_words() {
        assertThat(control("get", "--id", UUID.randomUUID().toString()))
                .as(this::said)
                .isEqualTo(1);
        assertThat(said()).contains("404 PIPECATCALL_NOT_FOUND");
        assertThat(out.size()).isZero();
    }

    @Test
    void without_a_daemon_it_ends_with_3_and_names_the_queue() {
        server.close();
        connection.close();
        assertThat(control("get", "--id", UUID.randomUUID().toString())).isEqualTo(3);
        assertThat(said()).contains("bin-manager.pipecat-manager.request");
        assertThat(out.size()).isZero();
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private JsonNode answer() {
        return JsonMapper.shared().readTree(out.toByteArray());
    }

    private int control(String command, String... options) {
        out.reset();
        err.reset();
        List<String> arguments = new ArrayList<>(List.of("pipecatcall", command));
        arguments.addAll(List.of(options));
        return ControlCommand.line(
                        Map.of("RABBITMQ_ADDRESS", broker),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        () -> new String[0])
                .execute(arguments.toArray(String[]::new));
    }
}
