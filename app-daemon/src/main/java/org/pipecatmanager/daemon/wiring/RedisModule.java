package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import org.pipecatmanager.adapter.redis.RedisConnection;
import org.pipecatmanager.adapter.redis.RedisHostLeases;
import org.pipecatmanager.adapter.redis.RedisPipecatcallCache;
import org.pipecatmanager.adapter.redis.WriteBehindCache;
import org.pipecatmanager.daemon.config.PlatformConfig;
import org.pipecatmanager.daemon.metrics.CacheCounts;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.out.HostLeases;
import org.pipecatmanager.ports.out.PipecatcallCache;

/** The cache of records, and the leases of the daemons. */
final class RedisModule extends AbstractModule {
    @Provides
    @Singleton
    RedisConnection connection(PlatformConfig config, SystemTime time, CacheCounts meter) {
        return new RedisConnection(config.redis(), time, meter);
    }

    @Provides
    @Singleton
    WriteBehindCache writeBehind(RedisConnection redis, CacheCounts meter) {
        return new WriteBehindCache(new RedisPipecatcallCache(redis, meter), meter);
    }

    @Provides
    PipecatcallCache cache(WriteBehindCache cache) {
        return cache;
    }

    @Provides
    @Singleton
    HostLeases leases(RedisConnection redis) {
        return new RedisHostLeases(redis);
    }
}
