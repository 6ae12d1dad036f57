package org.pipecatmanager.daemon.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.http.Readiness;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.model.EndReason;

@Timeout(60)
class MetricsServerTest {
    private final SessionCounts sessions = new SessionCounts();
    private final Connections connections = new Connections();
    private final Readiness readiness = new Readiness();
    private final HttpClient client = HttpClient.newHttpClient();
    private final MetricsServer server;

    MetricsServerTest() throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(sessions);
        registry.register(connections);
        server = MetricsServer.start(new HostPort("127.0.0.1", 0), "/metrics", registry, readiness);
    }

    @AfterEach
    void close() {
        server.close();
        client.shutdownNow();
    }

    @Test
    void sessions_now_are_those_accepted_and_not_over() throws Exception {
        sessions.sessionAccepted();
        sessions.sessionAccepted();
        sessions.sessionEnded(EndReason.RUNNER_LOST, Duration.ofSeconds(20));
        assertThat(lines())
                .contains("pipecat_manager_sessions 1.0")
                .contains("pipecat_manager_sessions_ended_total{reason=\"runner_lost\"} 1.0")
                .contains("pipecat_manager_sessions_ended_total{reason=\"idle\"} 0.0")
                .contains("pipecat_manager_session_duration_seconds_bucket{le=\"10.0\"} 0")
                .contains("pipecat_manager_session_duration_seconds_bucket{le=\"30.0\"} 1");
    }

    @Test
    void audio_is_counted_by_what_became_of_it() throws Exception {
        sessions.framePlayed();
        sessions.silencePlayed();
        sessions.frameConcealed();
        sessions.speechBegan(0);
        sessions.speechBegan(40);
        sessions.queueLow(340);
        sessions.underrun();
        sessions.uplinkFrame();
        sessions.uplinkDiscarded();
        sessions.downlinkDropped(40);
        sessions.reanchored();
        sessions.pacerLateness(3_000_000);
        sessions.bargedIn(700);
        sessions.legRefused(LegGate.Refusal.FULL);
        sessions.toolCalled(false, Duration.ofMillis(300));
        assertThat(lines())
                .contains("pipecat_manager_frames_played_total 1.0")
                .contains("pipecat_manager_silence_frames_total 1.0")
                .contains("pipecat_manager_concealed_frames_total 1.0")
                .contains("pipecat_manager_playout_cushion_seconds_bucket{le=\"0.0\"} 1")
                .contains("pipecat_manager_playout_cushion_seconds_bucket{le=\"0.04\"} 2")
                .contains("pipecat_manager_playout_queue_low_seconds_bucket{le=\"0.32\"} 0")
                .contains("pipecat_manager_playout_queue_low_seconds_bucket{le=\"0.4\"} 1")
                .contains("pipecat_manager_underruns_total 1.0")
                .contains("pipecat_manager_uplink_frames_total 1.0")
                .contains("pipecat_manager_uplink_discarded_frames_total 1.0")
                .contains("pipecat_manager_downlink_dropped_milliseconds_total 40.0")
                .contains("pipecat_manager_pacer_reanchored_total 1.0")
                .contains("pipecat_manager_pacer_lateness_seconds_bucket{le=\"0.002\"} 0")
                .contains("pipecat_manager_pacer_lateness_seconds_bucket{le=\"0.005\"} 1")
                .contains("pipecat_manager_barge_in_dropped_milliseconds_total 700.0")
                .contains("pipecat_manager_legs_refused_total{reason=\"full\"} 1.0")
                .contains("pipecat_manager_tool_calls_total{result=\"failed\"} 1.0");
    }

    @Test
    void connections_are_counted_by_kind_and_reason() throws Exception {
        connections.kind("leg").opened();
        connections.kind("leg").opened();
        connections.kind("leg").closed("hung_up");
        connections.kind("link").dropped("audio");
        assertThat(lines())
                .contains("pipecat_manager_connections{kind=\"leg\"} 1.0")
                .contains("pipecat_manager_connections_opened_total{kind=\"leg\"} 2.0")
                .contains("pipecat_manager_connections_closed_total{kind=\"leg\",reason=\"hung_up\"} 1.0")
                .contains("pipecat_manager_connection_drops_total{kind=\"link\",what=\"audio\"} 1.0");
    }

    @Test
    void health_is_served_here_too_and_nothing_else() throws Exception {
        assertThat(get("/healthz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        readiness.started();
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").body()).isEqualTo("{\"status\":\"ready\"}");
        assertThat(get("/v1/ping").statusCode()).isEqualTo(404);
    }

    @Test
    void what_is_missing_is_named_while_it_is() throws Exception {
        AtomicReference<String> problem = new AtomicReference<>("connection refused");
        readiness.needs("store", problem::get);
        readiness.needs("broker", () -> "");
        assertThat(get("/readyz").body())
                .isEqualTo("{\"status\":\"starting\",\"missing\":[\"store: connection refused\"]}");
        readiness.started();
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body())
                .isEqualTo("{\"status\":\"not_ready\",\"missing\":[\"store: connection refused\"]}");
        problem.set("");
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        readiness.stopping();
        assertThat(get("/readyz").body()).isEqualTo("{\"status\":\"stopping\"}");
    }

    @Test
    void an_address_in_use_is_named_by_its_key() {
        HostPort taken = new HostPort("127.0.0.1", server.address().getPort());
        assertThatThrownBy(() -> MetricsServer.start(taken, "/metrics", new PrometheusRegistry(), readiness))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("PROMETHEUS_LISTEN_ADDRESS is " + taken);
    }

    private String[] lines() throws IOException, InterruptedException {
        return get("/metrics").body().lines().toArray(String[]::new);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
        return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}
