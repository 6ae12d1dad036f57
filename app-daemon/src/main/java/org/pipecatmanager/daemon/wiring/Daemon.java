package org.pipecatmanager.daemon.wiring;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.http.Readiness;
import org.pipecatmanager.daemon.metrics.MetricsServer;
import org.pipecatmanager.daemon.runner.Runner;
import org.pipecatmanager.daemon.runner.RunnerProcess;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.daemon.tracing.SpanExport;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.PipecatManagerException;
import org.pipecatmanager.ports.out.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running daemon: everything is started in order, and ended in the reverse one.
 *
 * <p>Start and close are for one thread each; close may come from another one, such as a shutdown hook's.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    /** What calls that were ended may take to be gone, beyond the deadline of their drain. */
    private static final Duration ENDING = Duration.ofSeconds(10);

    private final DaemonConfig config;
    private final Injector injector;
    private final Undo undo = new Undo();
    private final AtomicBoolean closed = new AtomicBoolean();

    private Daemon(DaemonConfig config, Injector injector) {
        this.config = config;
        this.injector = injector;
    }

    /**
     * Puts a daemon together; nothing listens yet.
     *
     * @throws ConfigurationException agents or addresses cannot be used
     */
    public static Daemon create(DaemonConfig config, DaemonEnvironment environment) {
        List<Module> modules = new ArrayList<>(List.of(
                new CoreModule(config),
                new MysqlModule(),
                new RunnerModule(environment),
                new AudioSocketModule(),
                new PipecatWsModule(),
                new TracingModule(),
                new MetricsModule()));
        config.onPlatform()
                .ifPresentOrElse(
                        platform -> modules.addAll(
                                List.of(new PlatformModule(platform), new RedisModule(), new AmqpModule())),
                        () -> modules.add(new EmbeddedModule(environment)));
        Injector injector = Guice.createInjector(modules);
        Daemon daemon = new Daemon(config, injector);
        daemon.get(AudioSocketConfig.class);
        return daemon;
    }

    /**
     * Starts everything; when it fails, what was started is closed again.
     *
     * @return what listens where
     * @throws IOException            an address cannot be listened on, the runner cannot be started, or a service is not there
     * @throws StoreException         DATA_DIR cannot be used, or the tables cannot be brought up to date
     * @throws ConfigurationException likewise, with all problems
     */
    public Listening start() throws IOException, InterruptedException {
        try {
            return startAll();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private Listening startAll() throws IOException, InterruptedException {
        // The stores are opened meanwhile: most of both is waiting, or compiling.
        WarmUp warmUp = WarmUp.begin(config.warmUp());
        SystemTime time = get(SystemTime.class);
        undo.push(time::close);
        undo.push(get(SpanExport.class)::close);
        undo.push(get(Taping.class)::close);
        Readiness readiness = get(Readiness.class);
        MetricsServer metrics = MetricsServer.start(
                config.prometheus(), config.prometheusEndpoint(), get(PrometheusRegistry.class), readiness);
        undo.push(metrics::close);
        Backing backing = get(Backing.class);
        backing.open(undo);
        warmUp.await();

        Runner runner = get(Runner.class);
        PipecatEngine engine = get(PipecatEngine.class);
        PipecatWsServer http = get(PipecatWsServer.class);
        AudioSocketServer audio = get(AudioSocketServer.class);
        http.start();
        undo.push(http::close);
        undo.push(get(HttpRunnerLauncher.class)::close);
        if (runner.child().isPresent()) {
            RunnerProcess child = runner.child().get();
            undo.push(child::close);
            child.start();
        }
        undo.push(engine::close);
        audio.start();
        undo.push(audio::close);
        backing.serve(undo);
        undo.push(this::drain);
        OldGeneration.watch(time, engine::sessionCount);
        readiness.started();
        return new Listening(
                http.address(),
                audio.addresses(),
                metrics.address(),
                runner.address().orElse(null));
    }

    /**
     * Takes no more calls, lets those there are end for the drain time-out, ends the rest as {@code shutdown}, then closes
     * everything in the reverse order of its start. Idempotent; failures are logged and do not stop the rest.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        undo.run();
    }

    private void drain() {
        get(Readiness.class).stopping();
        PipecatEngine engine = get(PipecatEngine.class);
        int calls = engine.sessionCount();
        if (calls > 0) {
            LOG.info(
                    "stopping: {} calls may go on for {} s",
                    calls,
                    config.drainTimeout().toSeconds());
        }
        try {
            engine.drain(config.drainTimeout())
                    .get(config.drainTimeout().plus(ENDING).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("{} calls did not end in order", engine.sessionCount());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> T get(Class<T> type) {
        try {
            return injector.getInstance(type);
        } catch (ProvisionException e) {
            if (e.getCause() instanceof PipecatManagerException ours) {
                throw ours;
            }
            throw e;
        }
    }

    /**
     * What listens where.
     *
     * @param runner where the runner is
     */
    public record Listening(
            InetSocketAddress http,
            List<InetSocketAddress> audioSocket,
            InetSocketAddress metrics,
            @Nullable URI runner) {
        /** The ready event, for whoever started the process. */
        public Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("event", "ready");
            map.put("http", text(http));
            map.put("audiosocket", audioSocket.stream().map(Listening::text).toList());
            map.put("metrics", text(metrics));
            map.put("runner", String.valueOf(runner));
            return map;
        }

        private static String text(InetSocketAddress address) {
            return new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString();
        }
    }
}
