package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.daemon.agents.AgentsFile;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.daemon.tools.WebhookToolExecutor;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.InMemoryPipecatcallStore;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;

/** The engine on the in-memory ports. */
final class CoreModule extends AbstractModule {
    /** Records kept; each a kilobyte or two. */
    private static final int RECORDS = 10_000;
    /** Enough for ten minutes of talk, five text deltas a second. */
    private static final int EVENTS_PER_CALL = 3_000;
    /** Calls whose events can still be read, beyond those that run. */
    private static final int PAST_CALLS = 100;

    private final DaemonEnvironment environment;

    CoreModule(DaemonEnvironment environment) {
        this.environment = environment;
    }

    @Provides
    @Singleton
    SystemTime time() {
        return new SystemTime();
    }

    @Provides
    @Singleton
    RandomIds ids() {
        return new RandomIds();
    }

    @Provides
    @Singleton
    InMemoryEvents events(DaemonConfig config, SystemTime time) {
        return new InMemoryEvents(EVENTS_PER_CALL, config.maxSessions() + PAST_CALLS, time);
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
    WebhookToolExecutor tools() {
        return new WebhookToolExecutor();
    }

    @Provides
    @Singleton
    PipecatEngine engine(
            DaemonConfig config,
            StaticAgentCatalog agents,
            InMemoryEvents events,
            HttpRunnerLauncher launcher,
            SystemTime time,
            RandomIds ids,
            WebhookToolExecutor tools,
            SessionCounts meter) {
        return PipecatEngine.builder()
                .agents(agents)
                .publisher(events)
                .launcher(launcher)
                .time(time)
                .alarms(time)
                .ids(ids)
                .tools(tools)
                .meter(meter)
                .store(new InMemoryPipecatcallStore(RECORDS))
                .hostId(config.hostId())
                .maxSessions(config.maxSessions())
                .build();
    }
}
