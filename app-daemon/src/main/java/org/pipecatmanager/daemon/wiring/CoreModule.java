package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.util.Objects;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.recordings.WavRecordings;
import org.pipecatmanager.daemon.tape.Taping;
import org.pipecatmanager.ports.memory.InMemoryEvents;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.SystemTime;

/** Clocks, ids, and the events of calls for those who listen here: the same in either mode. */
final class CoreModule extends AbstractModule {
    /** Enough for ten minutes of talk, five text deltas a second. */
    private static final int EVENTS_PER_CALL = 3_000;
    /** Calls whose events can still be read, beyond those that run. */
    private static final int PAST_CALLS = 100;

    private final DaemonConfig config;

    CoreModule(DaemonConfig config) {
        this.config = config;
    }

    @Override
    protected void configure() {
        bind(DaemonConfig.class).toInstance(config);
    }

    @Provides
    @Singleton
    SystemTime time() {
        return new SystemTime();
    }

    @Provides
    @Singleton
    WavRecordings recordings() {
        return new WavRecordings(config.dataDir().resolve("recordings"));
    }

    @Provides
    @Singleton
    Taping taping(SystemTime time) {
        String version = Objects.requireNonNullElse(Daemon.class.getPackage().getImplementationVersion(), "unbuilt");
        return config.tapeDir() == null
                ? Taping.off()
                : Taping.into(config.tapeDir(), version, config.tapePrompts(), time);
    }

    @Provides
    @Singleton
    RandomIds ids() {
        return new RandomIds();
    }

    @Provides
    @Singleton
    InMemoryEvents events(SystemTime time) {
        return new InMemoryEvents(EVENTS_PER_CALL, config.maxSessions() + PAST_CALLS, time);
    }
}
