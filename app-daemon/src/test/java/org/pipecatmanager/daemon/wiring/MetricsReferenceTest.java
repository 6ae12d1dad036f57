package org.pipecatmanager.daemon.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.daemon.config.ConfigReader;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.Key;
import org.pipecatmanager.daemon.config.Settings;
import org.pipecatmanager.daemon.metrics.CacheCounts;
import org.pipecatmanager.daemon.metrics.Connections;
import org.pipecatmanager.daemon.metrics.LeaseCounts;
import org.pipecatmanager.daemon.metrics.RpcCounts;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.daemon.metrics.StoreCounts;
import org.pipecatmanager.daemon.reference.ReferencePage;
import org.pipecatmanager.daemon.runner.Runner;
import org.pipecatmanager.daemon.tracing.SpanExport;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.CacheMeter;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.LeaseMeter;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.out.StoreMeter;

/** {@code docs/metrics.md} has every series there is after everything that is counted has happened, with type and labels. */
class MetricsReferenceTest {
    private static final Map<Key, String> PLATFORM = Map.of(
            Key.RABBITMQ_ADDRESS, "amqp://u:p@127.0.0.1",
            Key.DATABASE_DSN, "u:p@tcp(127.0.0.1:3306)/d",
            Key.REDIS_ADDRESS, "127.0.0.1:6379",
            Key.POD_IP, "127.0.0.1");
    private static final Map<Key, String> TRACED = Map.of(Key.OTEL_EXPORTER_OTLP_ENDPOINT, "http://127.0.0.1:4318");

    /** Has no sample before garbage was collected. */
    private static final String AFTER_A_COLLECTION = "jvm_memory_pool_allocated_bytes";

    @Test
    void the_page_has_every_series() throws Exception {
        Map<String, List<String>> embedded = series(Map.of());
        Map<String, List<String>> traced = series(TRACED);
        Map<String, List<String>> all = series(both());
        assertThat(all).hasSizeGreaterThan(embedded.size()).containsAllEntriesOf(embedded);

        Map<String, List<String>> facts = new LinkedHashMap<>();
        all.forEach((name, cells) -> {
            List<String> told = new ArrayList<>(cells);
            told.add(embedded.containsKey(name) ? "always" : traced.containsKey(name) ? "with traces" : "platform");
            facts.put(name, told);
        });
        ReferencePage.check("metrics.md", facts);
    }

    private static Map<Key, String> both() {
        Map<Key, String> both = new EnumMap<>(PLATFORM);
        both.putAll(TRACED);
        return both;
    }

    /** Type and labels by name as scraped. */
    private static Map<String, List<String>> series(Map<Key, String> settings)
            throws IOException, ReflectiveOperationException {
        DaemonConfig config = ConfigReader.read(new Settings(settings, Map.of()));
        SessionCounts sessions = new SessionCounts();
        Connections connections = new Connections();
        StoreCounts store = new StoreCounts();
        CacheCounts cache = new CacheCounts();
        LeaseCounts leases = new LeaseCounts();
        RpcCounts rpc = new RpcCounts();
        everything(SessionMeter.class, sessions);
        everything(ConnectionMeter.class, connections.kind("leg"));
        everything(StoreMeter.class, store);
        everything(CacheMeter.class, cache);
        everything(LeaseMeter.class, leases);
        everything(RpcMeter.class, rpc);
        PrometheusRegistry registry = new MetricsModule()
                .registry(
                        config,
                        sessions,
                        connections,
                        store,
                        cache,
                        leases,
                        rpc,
                        Runner.at(URI.create("http://127.0.0.1:1"), Secret.of("t")),
                        SpanExport.NONE);
        Map<String, List<String>> series = new TreeMap<>();
        registry.scrape().forEach(snapshot -> series.put(name(snapshot), List.of(type(snapshot), labels(snapshot))));
        return series;
    }

    private static String name(MetricSnapshot snapshot) {
        String name = snapshot.getMetadata().getPrometheusName();
        return switch (snapshot) {
            case CounterSnapshot counter -> name + "_total";
            case InfoSnapshot info -> name + "_info";
            default -> name;
        };
    }

    private static String type(MetricSnapshot snapshot) {
        return switch (snapshot) {
            case CounterSnapshot counter -> "counter";
            case GaugeSnapshot gauge -> "gauge";
            case InfoSnapshot info -> "gauge";
            case HistogramSnapshot histogram -> "histogram";
            case SummarySnapshot summary -> "summary";
            default -> throw new AssertionError("a kind of metric the page has no word for: " + snapshot);
        };
    }

    private static String labels(MetricSnapshot snapshot) {
        if (snapshot.getMetadata().getName().equals(AFTER_A_COLLECTION)) {
            return "`pool`";
        }
        assertThat(snapshot.getDataPoints())
                .as(
                        "%s is counted by nothing this test knows",
                        snapshot.getMetadata().getName())
                .isNotEmpty();
        String names = snapshot.getDataPoints().stream()
                .flatMap(point -> StreamSupport.stream(point.getLabels().spliterator(), false))
                .map(Label::getName)
                .distinct()
                .sorted()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "–" : names;
    }

    /** Tells a meter once of each thing that can happen; of what can be or not, both. */
    private static void everything(Class<?> port, Object meter) throws ReflectiveOperationException {
        for (Method method : port.getDeclaredMethods()) {
            if (method.isDefault()) {
                happen(method, meter, true);
                happen(method, meter, false);
            }
        }
    }

    private static void happen(Method method, Object meter, boolean truth)
            throws IllegalAccessException, InvocationTargetException {
        Object[] sample = Arrays.stream(method.getParameterTypes())
                .map(type -> sample(type, truth))
                .toArray();
        method.invoke(meter, sample);
    }

    private static Object sample(Class<?> type, boolean truth) {
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        return switch (type.getName()) {
            case "boolean" -> truth;
            case "int" -> 1;
            case "long" -> 1L;
            case "java.time.Duration" -> Duration.ofMillis(1);
            case "java.lang.String" -> "llm";
            case "org.pipecatmanager.ports.model.ProviderFailure" ->
                new ProviderFailure("llm", "openai", "timeout", "retried", "");
            default -> throw new AssertionError("a meter is told a " + type + "; say what to tell it");
        };
    }
}
