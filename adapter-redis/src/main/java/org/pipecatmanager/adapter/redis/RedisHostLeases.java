package org.pipecatmanager.adapter.redis;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.HostLeases;
import redis.clients.jedis.params.SetParams;

/** Leases as keys that expire: {@code pipecat-manager:lease:<host_id>:<instance_id>}. */
public final class RedisHostLeases implements HostLeases {
    /** What every key of a lease begins with. */
    static final String LEASE = "pipecat-manager:lease:";

    private final RedisConnection redis;

    /** Uses a connection that its maker closes. */
    public RedisHostLeases(RedisConnection redis) {
        this.redis = redis;
    }

    @Override
    public void renew(HostInstance holder, Duration ttl) {
        var parameters = SetParams.setParams().px(ttl.toMillis());
        redis.call(client -> client.set(key(holder), "held", parameters));
    }

    @Override
    public void release(HostInstance holder) {
        redis.call(client -> client.del(key(holder)));
    }

    @Override
    public Set<HostInstance> held(Collection<HostInstance> candidates) {
        var asked = List.copyOf(candidates);
        if (asked.isEmpty()) {
            return Set.of();
        }
        var keys = asked.stream().map(this::key).toArray(String[]::new);
        var values = redis.call(client -> client.mget(keys));
        var held = new HashSet<HostInstance>();
        for (int i = 0; i < asked.size(); i++) {
            if (values.get(i) != null) {
                held.add(asked.get(i));
            }
        }
        return Set.copyOf(held);
    }

    private String key(HostInstance holder) {
        return redis.key(LEASE + holder.hostId() + ":" + holder.instanceId());
    }
}
