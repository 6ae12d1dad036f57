package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.rabbitmq.client.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.amqp.StandIn.Request;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.RequestException;

/** Scripted managers and a scripted daemon on their real queues see every key of every request. */
@Tag("it")
class ManagersIT {
    private static final UUID A = UUID.fromString("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa");
    private static final UUID B = UUID.fromString("bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb");
    private static final PipecatcallId ID = PipecatcallId.parse("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");
    private static final String HOST = "it-" + UUID.randomUUID();

    private final SystemTime time = new SystemTime();
    private AmqpConnection connection;
    private Connection other;
    private AmqpCallManager calls;
    private AmqpAiManager ais;
    private AmqpPeerHosts peers;

    @BeforeEach
    void connect() throws Exception {
        connection = Broker.connection(Broker.uri());
        var client = RpcClient.create(connection, RpcClient.DEFAULT_MAX_IN_FLIGHT);
        var meter = new RecordingRpcMeter();
        calls = new AmqpCallManager(client, meter, time);
        ais = new AmqpAiManager(client, meter, time);
        peers = new AmqpPeerHosts(client, meter, time);
        connection.start();
        assertThat(connection.awaitUp(Duration.ofSeconds(30)))
                .as(connection.problem())
                .isTrue();
        other = Broker.connect();
    }

    @AfterEach
    void disconnect() throws Exception {
        connection.close();
        other.close();
        time.close();
    }

    @Test
    void call_manager_is_asked_as_the_platform_does() throws Exception {
        try (var service = new StandIn(other, "bin-manager.call-manager.request", request -> switch (uri(request)) {
            case "/v1/calls/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa" ->
                StandIn.ok("{\"id\":\"" + A + "\",\"status\":\"progressing\",\"source\":{}}");
            case "/v1/external-medias" -> StandIn.ok("{\"id\":\"" + ID + "\",\"media_uri\":\"\"}");
            default -> "{\"status_code\":404}";
        })) {
            assertThat(calls.call(A)).isEqualTo(new PlatformCall(A, "progressing"));
            assertGet(service.requests.take(), "/v1/calls/" + A, "3000");

            calls.startExternalMedia(new ExternalMediaRequest(ID, A, "10.0.0.7:9092", "slin"));
            var started = service.requests.take();
            assertEnvelope(started, "POST", "/v1/external-medias", "10000");
            assertThat(started.envelope())
                    .containsEntry(
                            "data",
                            Map.of(
                                    "id", ID.toString(),
                                    "reference_type", "call",
                                    "reference_id", A.toString(),
                                    "external_host", "10.0.0.7:9092",
                                    "encapsulation", "audiosocket",
                                    "transport", "tcp",
                                    "connection_type", "client",
                                    "format", "slin",
                                    "direction_listen", "in",
                                    "direction_speak", "out"));

            calls.stopExternalMedia(ID);
            var stopped = service.requests.take();
            assertEnvelope(stopped, "DELETE", "/v1/external-medias/" + ID, "10000");
            assertThat(stopped.envelope()).doesNotContainKey("data").containsEntry("data_type", "");

            assertThat(catchThrowableOfType(ManagerException.class, () -> calls.call(B))
                            .kind())
                    .isEqualTo(ManagerException.Kind.NOT_FOUND);
        }
    }

    @Test
    void ai_manager_is_asked_as_the_platform_does() throws Exception {
        try (var service = new StandIn(other, "bin-manager.ai-manager.request", request -> switch (uri(request)) {
            case "/v1/aicalls/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa" ->
                StandIn.ok("{\"id\":\"" + A + "\",\"reference_type\":\"call\",\"tm_end\":null}");
            case "/v1/ais/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa" ->
                StandIn.ok("{\"id\":\"" + A + "\",\"engine_key\":\"sk-1\",\"parameter\":null}");
            case "/v1/teams/aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa" ->
                StandIn.ok("{\"id\":\"" + A + "\",\"members\":[{\"id\":\"" + B + "\"}]}");
            case "/v1/tools" -> StandIn.ok("{\"tools\":[{\"name\":\"stop_flow\",\"run_llm\":true}]}");
            default ->
                StandIn.ok("{\"tool_call_id\":\"call_1\",\"result\":\"success\",\"message\":\"sent\","
                        + "\"resource_type\":\"email\",\"resource_id\":\"" + B + "\",\"cost\":2}");
        })) {
            assertThat(ais.aiCall(A).isVoice()).isTrue();
            assertGet(service.requests.take(), "/v1/aicalls/" + A, "3000");
            assertThat(ais.ai(A).engineKey().reveal()).isEqualTo("sk-1");
            assertGet(service.requests.take(), "/v1/ais/" + A, "3000");
            assertThat(ais.team(A).members()).hasSize(1);
            assertGet(service.requests.take(), "/v1/teams/" + A, "3000");
            assertThat(ais.tools()).hasSize(1);
            assertGet(service.requests.take(), "/v1/tools", "3000");

            var arguments = "{\"subject\":\"hello\"}";
            assertThat(ais.executeTool(A, new ToolCall("call_1", "send_email", arguments, Map.of("subject", "hello"))))
                    .isEqualTo(new ToolResult("call_1", true, "sent", "email", B.toString(), Map.of("cost", 2)));
            var executed = service.requests.take();
            assertEnvelope(executed, "POST", "/v1/aicalls/" + A + "/tool_execute", "10000");
            assertThat(executed.envelope())
                    .containsEntry(
                            "data",
                            Map.of(
                                    "id",
                                    "call_1",
                                    "type",
                                    "function",
                                    "function",
                                    Map.of("name", "send_email", "arguments", arguments)));
        }
    }

    @Test
    void another_daemon_is_asked_on_the_queue_of_its_host_and_told_not_to_hand_on() throws Exception {
        try (var daemon = new StandIn(other, "bin-manager.pipecat-manager.request." + HOST, request -> switch (uri(
                request)) {
            case "/v1/ping" -> StandIn.ok("{\"host_id\":\"" + HOST + "\",\"timestamp\":\"2026-01-02T03:04:05Z\"}");
            case "/v1/messages" ->
                "{\"status_code\":409,\"data_type\":\"voipbin_error\",\"data\":{\"status\":\"FAILED_PRECONDITION\","
                        + "\"reason\":\"NOT_LIVE\",\"domain\":\"pipecat-manager\",\"message\":\"not live yet\"}}";
            default -> StandIn.ok("{\"id\":\"" + ID + "\",\"reference_type\":\"call\"}");
        })) {
            assertThat(peers.ping(HOST).hostId()).isEqualTo(HOST);
            assertGet(forwarded(daemon.requests.take()), "/v1/ping", "1000");

            assertThat(peers.stop(HOST, ID).id()).isEqualTo(ID);
            assertEnvelope(forwarded(daemon.requests.take()), "POST", "/v1/pipecatcalls/" + ID + "/stop", "1000");

            var command = new MessageCommand(ID, "m-1", "hello", true, false);
            var refused = catchThrowableOfType(RequestException.class, () -> peers.sendMessage(HOST, command));
            assertThat(refused).hasMessage("not live yet");
            assertThat(refused.status()).isEqualTo(RequestException.Status.FAILED_PRECONDITION);
            var sent = forwarded(daemon.requests.take());
            assertEnvelope(sent, "POST", "/v1/messages", "1000");
            assertThat(sent.envelope())
                    .containsEntry(
                            "data",
                            Map.of(
                                    "pipecatcall_id",
                                    ID.toString(),
                                    "message_id",
                                    "m-1",
                                    "message_text",
                                    "hello",
                                    "run_immediately",
                                    true,
                                    "audio_response",
                                    false));
        }
        assertThat(catchThrowableOfType(ManagerException.class, () -> peers.ping(HOST)))
                .as("its queue is gone with it")
                .hasMessageContaining("there is no such queue");
    }

    private static String uri(Request request) {
        return String.valueOf(request.envelope().get("uri"));
    }

    private static Request forwarded(Request request) {
        assertThat(request.properties().getHeaders().keySet()).isEqualTo(Set.of("x-pipecat-forwarded"));
        return request;
    }

    private static void assertGet(Request request, String uri, String expiration) {
        assertEnvelope(request, "GET", uri, expiration);
        assertThat(request.envelope()).doesNotContainKey("data").containsEntry("data_type", "");
    }

    private static void assertEnvelope(Request request, String method, String uri, String expiration) {
        var hasData = request.envelope().containsKey("data");
        assertThat(request.envelope().keySet())
                .containsExactlyElementsOf(
                        hasData
                                ? List.of("uri", "method", "publisher", "data_type", "data", "request_id")
                                : List.of("uri", "method", "publisher", "data_type", "request_id"));
        assertThat(request.envelope())
                .containsEntry("method", method)
                .containsEntry("uri", uri)
                .containsEntry("publisher", "pipecat-manager")
                .containsEntry("data_type", hasData ? "application/json" : "");
        assertThat(request.properties().getExpiration()).isEqualTo(expiration);
        assertThat(request.properties().getReplyTo()).isNotEmpty();
        assertThat(request.properties().getDeliveryMode()).isEqualTo(1);
        assertThat(request.properties().getContentType()).isEqualTo("text/plain");
    }
}
