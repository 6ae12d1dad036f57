package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.time.Duration;
import org.pipecatmanager.adapter.mysql.Database;
import org.pipecatmanager.adapter.mysql.Housekeeping;
import org.pipecatmanager.adapter.mysql.JdbiCallHistory;
import org.pipecatmanager.adapter.mysql.JdbiOrphanedCalls;
import org.pipecatmanager.adapter.mysql.JdbiPipecatcallStore;
import org.pipecatmanager.adapter.mysql.Journal;
import org.pipecatmanager.adapter.mysql.JournalOptions;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.metrics.StoreCounts;
import org.pipecatmanager.daemon.recordings.WavRecordings;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.domain.rounds.Rounds;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.OrphanedCalls;
import org.pipecatmanager.ports.out.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Records, what was said, turns and events: the platform's database, or the embedded file in DATA_DIR. */
final class MysqlModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(MysqlModule.class);
    private static final Duration HOUSEKEEPING = Duration.ofMinutes(1);

    @Provides
    @Singleton
    Database database(DaemonConfig config) {
        return config.onPlatform()
                .map(platform -> Database.open(platform.database()))
                .orElseGet(() -> Database.file(config.dataDir()));
    }

    /** Which run of this daemon this is: the rows of its calls carry it. */
    @Provides
    @Singleton
    HostInstance self(DaemonConfig config, RandomIds ids) {
        return new HostInstance(config.hostId(), ids.nextId().toString());
    }

    @Provides
    @Singleton
    Journal journal(
            DaemonConfig config,
            Database database,
            HostInstance self,
            SystemTime time,
            RandomIds ids,
            StoreCounts meter) {
        JournalOptions options = JournalOptions.of(
                config.onPlatform().isPresent(), !config.transcriptRetention().isZero());
        return Journal.open(database, self, config.dataDir(), options, time, ids, meter);
    }

    @Provides
    @Singleton
    JdbiPipecatcallStore store(Database database, HostInstance self, Journal journal) {
        return new JdbiPipecatcallStore(database, self, journal);
    }

    @Provides
    @Singleton
    JdbiCallHistory history(Database database, Journal journal) {
        return new JdbiCallHistory(database, journal);
    }

    @Provides
    @Singleton
    OrphanedCalls orphans(DaemonConfig config, Database database, HostInstance self, RandomIds ids) {
        return new JdbiOrphanedCalls(database, self, ids, config.onPlatform().isPresent());
    }

    /** Deletes once an hour what has been kept long enough. */
    @Provides
    @Singleton
    Rounds housekeeping(
            DaemonConfig config,
            Database database,
            JdbiPipecatcallStore store,
            WavRecordings recordings,
            SystemTime time) {
        Housekeeping housekeeping = new Housekeeping(database, store, config.transcriptRetention());
        return new Rounds("housekeeping", time, Threads.VIRTUAL, () -> {
            try {
                LOG.debug("housekeeping: {}", housekeeping.run(time.now()));
            } catch (StoreException e) {
                LOG.warn("housekeeping is put off for an hour: {}", e.getMessage());
            }
            try {
                int deleted = recordings.deleteBefore(time.now().minus(config.recordingRetention()));
                LOG.debug("housekeeping: {} recordings deleted", deleted);
            } catch (StoreException e) {
                LOG.warn("old recordings stay for now: {}", e.getMessage());
            }
            return HOUSEKEEPING;
        });
    }
}
