package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.pipecatmanager.daemon.metrics.Connections;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.daemon.runner.Runner;

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
    PrometheusRegistry registry(SessionCounts sessions, Connections connections, Runner runner) {
        PrometheusRegistry registry = new PrometheusRegistry();
        registry.register(sessions);
        registry.register(connections);
        CounterWithCallback.builder()
                .name("pipecat_manager_runner_restarts")
                .help("Times the child runner died and was started again.")
                .callback(callback -> callback.call(runner.restarts()))
                .register(registry);
        JvmMetrics.builder().register(registry);
        return registry;
    }
}
