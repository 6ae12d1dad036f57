package org.pipecatmanager.daemon.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is scraped, line by line, where the platform's dashboards know the names. */
class ExpositionTest {
    @Test
    void requests_have_the_platforms_names_labels_and_buckets() throws IOException {
        RpcCounts counts = new RpcCounts();
        counts.received("/v1/pipecatcalls/<pipecatcall-id>", "GET", 200, Duration.ofMillis(70));
        counts.received("/v1/pipecatcalls/<pipecatcall-id>", "GET", 404, Duration.ofMillis(20));
        counts.received("notfound", "DANCE", 404, Duration.ofSeconds(4));
        counts.requested("call-manager", "/v1/external-medias", "POST", Duration.ofMillis(250));
        assertThat(lines(counts, "pipecat_manager_receive_request_process_time"))
                .containsExactly(
                        "# HELP pipecat_manager_receive_request_process_time Milliseconds from the arrival of a request"
                                + " to its answer, by route.",
                        "# TYPE pipecat_manager_receive_request_process_time histogram",
                        bucket("receive", "method=\"GET\",type=\"/v1/pipecatcalls/<pipecatcall-id>\",le=\"50.0\"", 1),
                        bucket("receive", "method=\"GET\",type=\"/v1/pipecatcalls/<pipecatcall-id>\",le=\"100.0\"", 2),
                        bucket("receive", "method=\"GET\",type=\"/v1/pipecatcalls/<pipecatcall-id>\",le=\"500.0\"", 2),
                        bucket("receive", "method=\"GET\",type=\"/v1/pipecatcalls/<pipecatcall-id>\",le=\"1000.0\"", 2),
                        bucket("receive", "method=\"GET\",type=\"/v1/pipecatcalls/<pipecatcall-id>\",le=\"3000.0\"", 2),
                        bucket("receive", "method=\"GET\",type=\"/v1/pipecatcalls/<pipecatcall-id>\",le=\"+Inf\"", 2),
                        "pipecat_manager_receive_request_process_time_count{method=\"GET\","
                                + "type=\"/v1/pipecatcalls/<pipecatcall-id>\"} 2",
                        "pipecat_manager_receive_request_process_time_sum{method=\"GET\","
                                + "type=\"/v1/pipecatcalls/<pipecatcall-id>\"} 90.0",
                        bucket("receive", "method=\"other\",type=\"notfound\",le=\"50.0\"", 0),
                        bucket("receive", "method=\"other\",type=\"notfound\",le=\"100.0\"", 0),
                        bucket("receive", "method=\"other\",type=\"notfound\",le=\"500.0\"", 0),
                        bucket("receive", "method=\"other\",type=\"notfound\",le=\"1000.0\"", 0),
                        bucket("receive", "method=\"other\",type=\"notfound\",le=\"3000.0\"", 0),
                        bucket("receive", "method=\"other\",type=\"notfound\",le=\"+Inf\"", 1),
                        "pipecat_manager_receive_request_process_time_count{method=\"other\",type=\"notfound\"} 1",
                        "pipecat_manager_receive_request_process_time_sum{method=\"other\",type=\"notfound\"} 4000.0");
        assertThat(lines(counts, "pipecat_manager_request_process_time"))
                .contains(
                        "# TYPE pipecat_manager_request_process_time histogram",
                        "pipecat_manager_request_process_time_bucket{method=\"POST\","
                                + "resource=\"/v1/external-medias\",target=\"call-manager\",le=\"500.0\"} 1");
        assertThat(lines(counts, "pipecat_manager_receive_requests_total"))
                .contains(
                        "pipecat_manager_receive_requests_total{method=\"other\",status=\"404\",type=\"notfound\"} 1.0");
    }

    @Test
    void events_have_the_platforms_names() throws IOException {
        RpcCounts counts = new RpcCounts();
        counts.eventPublished("pipecatcall_created", Duration.ofMillis(3));
        counts.eventRetried("pipecatcall_created");
        counts.eventDropped("message_bot_llm_intermediate");
        assertThat(lines(counts, "pipecat_manager_notify"))
                .contains(
                        "# TYPE pipecat_manager_notify_total counter",
                        "pipecat_manager_notify_total{type=\"pipecatcall_created\"} 1.0",
                        "# TYPE pipecat_manager_notify_process_time histogram",
                        "pipecat_manager_notify_process_time_bucket{type=\"pipecatcall_created\",le=\"50.0\"} 1",
                        "pipecat_manager_notify_process_time_sum{type=\"pipecatcall_created\"} 3.0");
        assertThat(lines(counts, "pipecat_manager_event_publish"))
                .contains(
                        "# TYPE pipecat_manager_event_publish_total counter",
                        "pipecat_manager_event_publish_total{event_type=\"pipecatcall_created\"} 1.0");
        assertThat(lines(counts, "rabbitmqhandler_"))
                .contains(
                        "# TYPE rabbitmqhandler_event_retried_total counter",
                        "rabbitmqhandler_event_retried_total{queue=\"bin-manager.pipecat-manager.event\","
                                + "retry_count=\"1\"} 1.0",
                        "# TYPE rabbitmqhandler_event_dropped_total counter",
                        "rabbitmqhandler_event_dropped_total{queue=\"bin-manager.pipecat-manager.event\"} 1.0");
    }

    @Test
    void breakers_have_the_platforms_names_and_numbers() throws IOException {
        RpcCounts counts = new RpcCounts();
        counts.requested("ai-manager", "/v1/tools", "GET", Duration.ofMillis(1));
        counts.breakerMoved("call-manager", "closed", "open");
        counts.breakerRejected("call-manager");
        assertThat(lines(counts, "pipecat_manager_circuitbreaker"))
                .contains(
                        "# TYPE pipecat_manager_circuitbreaker_state gauge",
                        "pipecat_manager_circuitbreaker_state{target=\"ai-manager\"} 0.0",
                        "pipecat_manager_circuitbreaker_state{target=\"call-manager\"} 1.0",
                        "# TYPE pipecat_manager_circuitbreaker_state_transitions_total counter",
                        "pipecat_manager_circuitbreaker_state_transitions_total{from=\"closed\","
                                + "target=\"call-manager\",to=\"open\"} 1.0",
                        "# TYPE pipecat_manager_circuitbreaker_rejected_total counter",
                        "pipecat_manager_circuitbreaker_rejected_total{target=\"call-manager\"} 1.0");
        counts.breakerMoved("call-manager", "open", "half-open");
        assertThat(lines(counts, "pipecat_manager_circuitbreaker_state{"))
                .contains("pipecat_manager_circuitbreaker_state{target=\"call-manager\"} 2.0");
    }

    @Test
    void generations_have_the_platforms_names() throws IOException {
        SessionCounts counts = new SessionCounts();
        counts.llmFlushExited("stopped_normal");
        counts.llmFlushFinalized("done");
        counts.llmIdleWatchdogFired();
        counts.toolResolveFellBack();
        counts.unknownAiTypeDenied("odd");
        assertThat(lines(counts, "pipecat_manager_llm_"))
                .contains(
                        "# TYPE pipecat_manager_llm_flush_exit_total counter",
                        "pipecat_manager_llm_flush_exit_total{reason=\"stopped_normal\"} 1.0",
                        "pipecat_manager_llm_flush_exit_total{reason=\"idle_watchdog\"} 0.0",
                        "# TYPE pipecat_manager_llm_flush_finalize_outcome_total counter",
                        "pipecat_manager_llm_flush_finalize_outcome_total{outcome=\"done\"} 1.0",
                        "# TYPE pipecat_manager_llm_idle_watchdog_fired_total counter",
                        "pipecat_manager_llm_idle_watchdog_fired_total 1.0");
        assertThat(lines(counts, "pipecat_manager_tool_resolve_fallback_total"))
                .contains("pipecat_manager_tool_resolve_fallback_total 1.0");
        assertThat(lines(counts, "ai_manager_"))
                .contains(
                        "# TYPE ai_manager_unknown_ai_type_tool_denial_total counter",
                        "ai_manager_unknown_ai_type_tool_denial_total 1.0");
    }

    @Test
    void what_waits_for_the_store_is_shown() throws IOException {
        StoreCounts counts = new StoreCounts();
        counts.queued(7, 700);
        counts.spooled(4096);
        counts.batchWritten(3, Duration.ofMillis(20));
        counts.outbox(5, true);
        counts.fenced(2);
        counts.reachable(true);
        assertThat(lines(counts, "pipecat_manager_"))
                .contains(
                        "pipecat_manager_store_up 1.0",
                        "pipecat_manager_journal_entries 7.0",
                        "pipecat_manager_journal_bytes 700.0",
                        "pipecat_manager_spool_bytes 4096.0",
                        "pipecat_manager_outbox_events 5.0",
                        "pipecat_manager_outbox_behind 1.0",
                        "pipecat_manager_journal_written_entries_total 3.0",
                        "pipecat_manager_journal_batch_seconds_bucket{le=\"0.025\"} 1",
                        "pipecat_manager_journal_fenced_entries_total 2.0");
        counts.reachable(false);
        assertThat(lines(counts, "pipecat_manager_store_up")).contains("pipecat_manager_store_up 0.0");
    }

    @Test
    void how_daemons_watch_each_other_is_shown() throws IOException {
        LeaseCounts counts = new LeaseCounts();
        counts.reachable(true);
        counts.renewed(true);
        counts.renewed(false);
        counts.claimed(12);
        assertThat(lines(counts, "pipecat_manager_"))
                .contains(
                        "pipecat_manager_leases_up 1.0",
                        "pipecat_manager_lease_renewals_total{result=\"success\"} 1.0",
                        "pipecat_manager_lease_renewals_total{result=\"failed\"} 1.0",
                        "pipecat_manager_claimed_calls_total 12.0");
    }

    /** Everything together can be scraped: no name stands twice. */
    @Test
    void all_collectors_share_one_registry() throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(new SessionCounts());
        registry.register(new Connections());
        registry.register(new RpcCounts());
        registry.register(new StoreCounts());
        registry.register(new LeaseCounts());
        List<String> types = text(registry)
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .toList();
        assertThat(types).doesNotHaveDuplicates().hasSizeGreaterThan(40);
    }

    private static String bucket(String which, String labels, int count) {
        return "pipecat_manager_" + which + "_request_process_time_bucket{" + labels + "} " + count;
    }

    private static List<String> lines(MultiCollector collector, String name) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(collector);
        return text(registry)
                .lines()
                .filter(line ->
                        line.startsWith(name) || line.startsWith("# HELP " + name) || line.startsWith("# TYPE " + name))
                .toList();
    }

    private static String text(PrometheusRegistry registry) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, registry.scrape());
        return out.toString(StandardCharsets.UTF_8);
    }
}
