package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.io.IOException;
import org.pipecatmanager.adapter.pipecatws.BrowserLegs;
import org.pipecatmanager.adapter.pipecatws.HttpHandler;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.adapter.pipecatws.PipecatWsConfig;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.http.ApiAccess;
import org.pipecatmanager.daemon.http.ControlApi;
import org.pipecatmanager.daemon.http.HealthApi;
import org.pipecatmanager.daemon.http.LiveApi;
import org.pipecatmanager.daemon.http.Readiness;
import org.pipecatmanager.daemon.metrics.Connections;
import org.pipecatmanager.daemon.recordings.WavRecordings;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;

/** The HTTP port: runners and the control API. */
final class PipecatWsModule extends AbstractModule {
    @Provides
    @Singleton
    Readiness readiness(HttpRunnerLauncher launcher) {
        Readiness readiness = new Readiness();
        readiness.needs("runner", () -> launcher.isReady() ? "" : "no runner answers that it is ready");
        return readiness;
    }

    @Provides
    @Singleton
    ApiAccess access(DaemonConfig config) {
        return new ApiAccess(config.apiToken(), config.http().isLoopback());
    }

    @Provides
    @Singleton
    HttpHandler api(
            DaemonConfig config,
            PipecatEngine engine,
            InMemoryEvents events,
            RandomIds ids,
            StaticAgentCatalog agents,
            WavRecordings recordings,
            ApiAccess access,
            Readiness readiness,
            Taping taping) {
        return config.controlApi()
                ? new ControlApi(
                        taping.control(engine), events, ids, new LiveApi(engine, agents, recordings), access, readiness)
                : new HealthApi(readiness);
    }

    @Provides
    @Singleton
    PipecatWsServer server(
            DaemonConfig config,
            PipecatEngine engine,
            Taping taping,
            HttpHandler api,
            ApiAccess access,
            Connections connections)
            throws IOException {
        BrowserLegs legs = new BrowserLegs(
                taping.legs(engine), access, connections.kind("browser_leg"), BrowserLegs.DEFAULT_MAX_LEGS);
        return PipecatWsServer.create(
                PipecatWsConfig.on(config.http().toSocketAddress()),
                taping.runners(engine),
                taping.callbacks(engine),
                api,
                config.controlApi() ? legs : null,
                connections.kind("link"),
                connections.kind("http"));
    }
}
