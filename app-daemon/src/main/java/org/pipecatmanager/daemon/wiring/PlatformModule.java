package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provider;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.mysql.JdbiCallHistory;
import org.pipecatmanager.adapter.mysql.JdbiPipecatcallStore;
import org.pipecatmanager.adapter.mysql.Journal;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.config.PlatformConfig;
import org.pipecatmanager.daemon.logging.CallTraces;
import org.pipecatmanager.daemon.metrics.LeaseCounts;
import org.pipecatmanager.daemon.metrics.SessionCounts;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.daemon.tracing.SpanExport;
import org.pipecatmanager.domain.engine.ExternalMediaPlan;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.domain.platform.PlatformDefaults;
import org.pipecatmanager.domain.platform.PlatformPreparation;
import org.pipecatmanager.domain.platform.PlatformToolExecutor;
import org.pipecatmanager.domain.platform.ToolCatalog;
import org.pipecatmanager.domain.reaper.ClaimPorts;
import org.pipecatmanager.domain.reaper.Claims;
import org.pipecatmanager.domain.reaper.OwnLeftovers;
import org.pipecatmanager.domain.reaper.Reaper;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.OrphanedCalls;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine among the services of a platform. */
final class PlatformModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(OwnLeftovers.class);

    private final PlatformConfig config;

    PlatformModule(PlatformConfig config) {
        this.config = config;
    }

    @Override
    protected void configure() {
        bind(PlatformConfig.class).toInstance(config);
        bind(Backing.class).to(PlatformBacking.class);
        // Agents come from ai-manager: no listener is one's own.
        bind(StaticAgentCatalog.class).toInstance(new StaticAgentCatalog(List.of(), ""));
    }

    @Provides
    @Singleton
    Claims claims(
            HostInstance self,
            OrphanedCalls orphans,
            PipecatcallCache cache,
            CallManager calls,
            SystemTime time,
            LeaseCounts meter,
            Journal journal) {
        ClaimPorts ports = new ClaimPorts(orphans, cache, calls, time, time, Threads.VIRTUAL, meter);
        return new Claims(self, ports, journal::adopted);
    }

    @Provides
    @Singleton
    OwnLeftovers leftovers(Claims claims, HostLeases leases) {
        return new OwnLeftovers(claims, leases, Thread::sleep, LOG::warn);
    }

    @Provides
    @Singleton
    Reaper reaper(Claims claims, HostLeases leases, PeerHosts peers) {
        return new Reaper(claims, leases, peers);
    }

    @Provides
    @Singleton
    ToolCatalog tools(AiManager aiManager, SystemTime time) {
        return new ToolCatalog(aiManager, time, Threads.VIRTUAL);
    }

    @Provides
    @Singleton
    PlatformPreparation preparation(
            DaemonConfig daemon,
            CallManager calls,
            AiManager ais,
            ToolCatalog tools,
            SessionCounts meter,
            SystemTime time) {
        PlatformDefaults defaults = new PlatformDefaults(daemon.limits(), AudioPlan.DEFAULT);
        return new PlatformPreparation(calls, ais, tools, defaults, meter, time, Threads.VIRTUAL);
    }

    @Provides
    @Singleton
    ExternalMediaPlan media(Provider<AudioSocketServer> server) {
        String format = config.audioSocketFormat().equals(AudioFormat.SLIN_16K) ? "slin16" : "slin";
        return new ExternalMediaPlan(
                () -> advertised(config.audioSocketAdvertised(), server.get()).toString(), format);
    }

    private static HostPort advertised(@Nullable HostPort advertised, AudioSocketServer server) {
        if (advertised != null) {
            return advertised;
        }
        var bound = server.addresses().getFirst();
        return new HostPort(Objects.requireNonNull(bound.getAddress()).getHostAddress(), bound.getPort());
    }

    @Provides
    @Singleton
    PipecatEngine engine(
            DaemonConfig daemon,
            HostInstance self,
            PlatformPreparation preparation,
            CallManager calls,
            AiManager ais,
            PeerHosts peers,
            ExternalMediaPlan media,
            InMemoryEvents events,
            Journal journal,
            HttpRunnerLauncher launcher,
            SystemTime time,
            RandomIds ids,
            SessionCounts meter,
            SpanExport spans,
            JdbiPipecatcallStore store,
            JdbiCallHistory history,
            PipecatcallCache cache,
            Taping taping) {
        return PipecatEngine.builder()
                .platform(preparation, calls, media)
                .peers(peers)
                .tools(new PlatformToolExecutor(ais, time))
                .publisher(taping.events(new CallTraces(new EventFanOut(journal, events))))
                .launcher(taping.launcher(launcher))
                .time(time)
                .alarms(time)
                .ids(ids)
                .meter(meter)
                .spans(spans)
                .store(store)
                .history(history)
                .cache(cache)
                .instance(self)
                .limits(daemon.limits())
                .maxSessions(daemon.maxSessions())
                .build();
    }
}
