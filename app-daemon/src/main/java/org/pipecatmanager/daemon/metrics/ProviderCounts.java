package org.pipecatmanager.daemon.metrics;

import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.pipecatmanager.ports.model.ProviderFailure;

/**
 * What runners tell of providers. Safe for all threads.
 *
 * <p>Each combination of labels is kept for ever, and they are the runner's words: what is not in its protocol is {@code other},
 * and so is the name of every provider beyond the first {@value #MAX_PROVIDERS}.
 */
final class ProviderCounts {
    private static final int MAX_PROVIDERS = 64;
    private static final String OTHER = "other";
    private static final Set<String> PARTS = Set.of("llm", "stt", "tts", "tool");
    private static final Set<String> KINDS = Set.of(
            "authentication",
            "authorization",
            "invalid_request",
            "rate_limit",
            "quota",
            "connectivity",
            "server",
            "stall",
            "malformed",
            "unknown");
    private static final Set<String> ACTIONS = Set.of("retried", "switched", "apologised", "ended", "none");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,31}");
    private static final long[] BOUNDS = {50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 5_000};

    private final Tally errors =
            new Tally("pipecat_manager_provider_errors", "Failures of providers, and what runners did about them.");
    private final Set<String> providers = ConcurrentHashMap.newKeySet();
    private final Map<String, Buckets> latencies = new LinkedHashMap<>();

    ProviderCounts() {
        for (String part : List.of("stt", "llm", "tts")) {
            latencies.put(part, new Buckets(1e9, BOUNDS));
        }
    }

    void failed(ProviderFailure failure) {
        errors.add(Labels.of(
                "part",
                known(PARTS, failure.part()),
                "provider",
                provider(failure),
                "kind",
                known(KINDS, failure.kind()),
                "action",
                known(ACTIONS, failure.action())));
    }

    /** Tools have the names their users gave them. */
    private String provider(ProviderFailure failure) {
        String name = failure.provider();
        if (failure.part().equals("tool") || !NAME.matcher(name).matches()) {
            return OTHER;
        }
        return providers.contains(name) || (providers.size() < MAX_PROVIDERS && providers.add(name)) ? name : OTHER;
    }

    private static String known(Set<String> words, String word) {
        return words.contains(word) ? word : OTHER;
    }

    void measured(String part, Duration took) {
        Buckets buckets = latencies.get(part);
        if (buckets != null) {
            buckets.observe(took.toNanos());
        }
    }

    List<MetricSnapshot> snapshots() {
        HistogramSnapshot.Builder latency = HistogramSnapshot.builder()
                .name("pipecat_manager_provider_latency_seconds")
                .help(
                        "As runners measured it: of llm and tts until the first byte, of stt from the voice to the transcript.");
        latencies.forEach((part, buckets) -> latency.dataPoint(buckets.dataPoint(Labels.of("part", part))));
        return List.of(errors.snapshot(), latency.build());
    }
}
