package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import org.pipecatmanager.adapter.mysql.JdbiCallHistory;
import org.pipecatmanager.adapter.mysql.JdbiPipecatcallStore;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.daemon.agents.AgentsFile;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.logging.CallTraces;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.daemon.recordings.WavRecordings;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.daemon.tools.WebhookToolExecutor;
import org.pipecatmanager.daemon.tracing.SpanExport;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.domain.reaper.ClaimPorts;
import org.pipecatmanager.domain.reaper.Claims;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.LeaseMeter;
import org.pipecatmanager.ports.out.OrphanedCalls;

/** The engine with agents of a file and webhooks, and nobody else around. */
final class EmbeddedModule extends AbstractModule {
    private final DaemonEnvironment environment;

    EmbeddedModule(DaemonEnvironment environment) {
        this.environment = environment;
    }

    @Override
    protected void configure() {
        bind(Backing.class).to(EmbeddedBacking.class);
    }

    /** A registered call waits for its leg as long as the registration lives. */
    @Provides
    @Singleton
    StaticAgentCatalog agents(DaemonConfig config) {
        return AgentsFile.load(
                config.agentsFile(), environment.variables(), config.limits().withLegTimeout(config.registrationTtl()));
    }

    @Provides
    @Singleton
    AgentAdvice advice(StaticAgentCatalog agents, HttpRunnerLauncher launcher) {
        return new AgentAdvice(agents, launcher);
    }

    @Provides
    @Singleton
    WebhookToolExecutor tools() {
        return new WebhookToolExecutor();
    }

    @Provides
    @Singleton
    Claims claims(HostInstance self, OrphanedCalls orphans, SystemTime time) {
        ClaimPorts ports = new ClaimPorts(orphans, null, null, time, time, Threads.VIRTUAL, LeaseMeter.NONE);
        return new Claims(self, ports, () -> {});
    }

    @Provides
    @Singleton
    PipecatEngine engine(
            DaemonConfig config,
            HostInstance self,
            StaticAgentCatalog agents,
            InMemoryEvents events,
            HttpRunnerLauncher launcher,
            SystemTime time,
            RandomIds ids,
            WebhookToolExecutor tools,
            SessionCounts meter,
            SpanExport spans,
            JdbiPipecatcallStore store,
            JdbiCallHistory history,
            WavRecordings recordings,
            Taping taping) {
        return PipecatEngine.builder()
                .agents(agents)
                .publisher(taping.events(new CallTraces(events)))
                .launcher(taping.launcher(launcher))
                .time(time)
                .alarms(time)
                .ids(ids)
                .tools(tools)
                .meter(meter)
                .spans(spans)
                .store(store)
                .history(history)
                .recordings(config.recordingRetention().isZero() ? null : recordings)
                .instance(self)
                .maxSessions(config.maxSessions())
                .build();
    }
}
