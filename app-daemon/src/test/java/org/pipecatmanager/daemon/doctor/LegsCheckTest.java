package org.pipecatmanager.daemon.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.daemon.doctor.Finding.Level;
import org.pipecatmanager.daemon.metrics.Connections;

/** The traps as the daemon's own metrics tell of them, written by the writer that serves them. */
class LegsCheckTest {
    private final Connections connections = new Connections();

    @Test
    void nothing_odd_is_said_to_be_nothing_odd() throws IOException {
        connections.kind("leg").opened();
        connections.kind("leg").closed("hung_up");
        assertThat(LegsCheck.of(exposition())).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.OK);
            assertThat(finding.value()).isEqualTo("1 connections");
        });
    }

    @Test
    void codec_audio_is_told_with_the_way_out() throws IOException {
        connections.kind("leg").odd("codec_audio");
        assertThat(LegsCheck.of(exposition())).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.PROBLEM);
            assertThat(finding.remedy()).contains("/c(slin)");
            assertThat(finding.value()).isEqualTo("1 since the daemon started");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "no_id, Answer()",
        "unknown_id, POST /v1/pipecatcalls",
        "already_used, a new id for each call",
        "not_ready, connect the media when the start was answered",
        "handshake_timeout, load balancer",
        "not_audiosocket, HTTP_LISTEN_ADDRESS",
        "address_not_allowed, address Asterisk comes from",
        "too_many_connections, raise it",
        "full, MAX_SESSIONS",
        "stalled, 20.19",
        "protocol_error, 20.19",
        "error_from_peer, between Asterisk and the daemon"
    })
    void every_reason_to_turn_a_leg_away_has_its_remedy(String reason, String remedy) throws IOException {
        connections.kind("leg").closed(reason);
        connections.kind("link").closed("hung_up");
        assertThat(LegsCheck.of(exposition())).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isNotEqualTo(Level.OK);
            assertThat(finding.remedy()).contains(remedy);
        });
    }

    private String exposition() throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(connections);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, registry.scrape());
        return out.toString(StandardCharsets.UTF_8);
    }
}
