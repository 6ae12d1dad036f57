package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.pipecatmanager.adapter.pipecatws.PipecatWsConfig;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.InMemoryRecordings;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConnectionMeter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The control API on a real port, before the engine with a runner that never connects back. */
public final class ApiHarness implements AutoCloseable {
    private final SystemTime time = new SystemTime();
    private final FakeRunnerLauncher launcher = new FakeRunnerLauncher();
    private final InMemoryEvents events = new InMemoryEvents(100, 100, time);
    private final StaticAgentCatalog agents = new StaticAgentCatalog(List.of(Agent.of("echo", "echo")), "");
    final InMemoryRecordings recordings = new InMemoryRecordings(1_000_000, time);
    private final PipecatEngine engine = PipecatEngine.builder()
            .agents(agents)
            .publisher(events)
            .launcher(launcher)
            .time(time)
            .alarms(time)
            .build();
    private final Readiness readiness = new Readiness();
    private final PipecatWsServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    /** Starts it; {@code access} decides who may ask. */
    public ApiHarness(ApiAccess access) throws IOException {
        this(access, true);
    }

    private ApiHarness(ApiAccess access, boolean control) throws IOException {
        server = PipecatWsServer.create(
                PipecatWsConfig.on(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                engine,
                engine,
                control
                        ? new ControlApi(
                                engine,
                                events,
                                new RandomIds(),
                                new LiveApi(engine, agents, recordings),
                                access,
                                readiness)
                        : new HealthApi(readiness),
                ConnectionMeter.NONE,
                ConnectionMeter.NONE);
        server.start();
    }

    /** One that everybody on this machine may use. */
    public static ApiHarness open() throws IOException {
        return new ApiHarness(new ApiAccess(Secret.of(""), true));
    }

    /** One whose control API is off. */
    static ApiHarness withoutControl() throws IOException {
        return new ApiHarness(new ApiAccess(Secret.of(""), false), false);
    }

    Readiness readiness() {
        return readiness;
    }

    /** What the runner was told of a call, once it was. */
    RunnerLaunch launched(PipecatcallId id) {
        return launcher.awaitLaunch(id);
    }

    /** Its address. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).header("Content-Type", "application/json");
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    @Override
    public void close() {
        engine.close();
        server.close();
        client.shutdownNow();
        time.close();
    }
}
