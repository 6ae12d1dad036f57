package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.sun.management.ThreadMXBean;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.metrics.CacheCounts;
import org.pipecatmanager.daemon.metrics.Connections;
import org.pipecatmanager.daemon.metrics.LeaseCounts;
import org.pipecatmanager.daemon.metrics.RpcCounts;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.daemon.metrics.StoreCounts;
import org.pipecatmanager.daemon.runner.Runner;
import org.pipecatmanager.daemon.tracing.SpanExport;

/** What is counted, in one registry. */
final class MetricsModule extends AbstractModule {
    @Provides
    @Singleton
    SessionCounts sessions() {
        return new SessionCounts();
    }

    @Provides
    @Singleton
    Connections connections() {
        return new Connections();
    }

    @Provides
    @Singleton
    StoreCounts store() {
        return new StoreCounts();
    }

    @Provides
    @Singleton
    CacheCounts cache() {
        return new CacheCounts();
    }

    @Provides
    @Singleton
    LeaseCounts leases() {
        return new LeaseCounts();
    }

    @Provides
    @Singleton
    RpcCounts rpc() {
        return new RpcCounts();
    }

    /** What only a platform has is shown only there. */
    @Provides
    @Singleton
    PrometheusRegistry registry(
            DaemonConfig config,
            SessionCounts sessions,
            Connections connections,
            StoreCounts store,
            CacheCounts cache,
            LeaseCounts leases,
            RpcCounts rpc,
            Runner runner,
            SpanExport spans) {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(sessions);
        registry.register(connections);
        registry.register(store);
        if (config.onPlatform().isPresent()) {
            registry.register(cache);
            registry.register(leases);
            registry.register(rpc);
        }
        if (config.tracing() != null) {
            CounterWithCallback.builder()
                    .name("pipecat_manager_spans")
                    .help("Spans of calls that a collector took, or that were lost because none did.")
                    .labelNames("outcome")
                    .callback(callback -> {
                        callback.call((double) spans.sent(), "sent");
                        callback.call((double) spans.lost(), "lost");
                    })
                    .register(registry);
        }
        CounterWithCallback.builder()
                .name("pipecat_manager_runner_restarts")
                .help("Times the child runner died and was started again.")
                .callback(callback -> callback.call(runner.restarts()))
                .register(registry);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        CounterWithCallback.builder()
                .name("pipecat_manager_allocated_bytes")
                .help("Bytes of heap that all threads together have allocated since the start.")
                .callback(callback -> callback.call((double) threads.getTotalThreadAllocatedBytes()))
                .register(registry);
        JvmMetrics.builder().register(registry);
        return registry;
    }
}
