package org.pipecatmanager.daemon.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.ProviderFailure;

class ProviderCountsTest {
    private final ProviderCounts counts = new ProviderCounts();

    private List<String> errors() {
        return ((CounterSnapshot) counts.snapshots().getFirst())
                .getDataPoints().stream()
                        .map(point -> String.join(
                                        " ",
                                        point.getLabels().get("part"),
                                        point.getLabels().get("provider"),
                                        point.getLabels().get("kind"),
                                        point.getLabels().get("action"))
                                + " " + (int) point.getValue())
                        .sorted()
                        .toList();
    }

    @Test
    void failures_are_counted_by_part_provider_kind_and_action() {
        for (int i = 0; i < 2; i++) {
            counts.failed(new ProviderFailure("llm", "openai", "rate_limit", "switched", "groq"));
        }
        counts.failed(new ProviderFailure("tts", "cartesia", "stall", "retried", ""));
        assertThat(errors()).containsExactly("llm openai rate_limit switched 2", "tts cartesia stall retried 1");
    }

    @Test
    void words_that_nobody_agreed_on_make_no_labels() {
        for (int i = 0; i < 500; i++) {
            counts.failed(new ProviderFailure("part" + i, "Provider " + i, "kind" + i, "action" + i, "to" + i));
            counts.failed(new ProviderFailure("tool", "tool_of_a_user_" + i, "server", "none", ""));
            counts.failed(new ProviderFailure("llm", "provider-" + i, "server", "none", ""));
        }
        assertThat(errors())
                .hasSize(67)
                .contains("other other other other 500", "tool other server none 500", "llm other server none 436");
    }

    @Test
    void latencies_are_apart_by_part() {
        counts.measured("llm", Duration.ofMillis(250));
        counts.measured("invented", Duration.ofMillis(250));
        HistogramSnapshot latency = (HistogramSnapshot) counts.snapshots().getLast();
        assertThat(latency.getDataPoints())
                .hasSize(3)
                .allSatisfy(point -> assertThat(point.getCount())
                        .isEqualTo("llm".equals(point.getLabels().get("part")) ? 1 : 0));
    }
}
