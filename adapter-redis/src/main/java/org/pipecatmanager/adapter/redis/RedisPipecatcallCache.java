package org.pipecatmanager.adapter.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.CacheMeter;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.wire.PipecatcallWire;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records in Redis: key {@code pipecatcall:<uuid>}, value the record as it is answered over RPC, one line of JSON.
 *
 * <p>Other services read and write the same keys. What cannot be read is taken for absent and may be overwritten.
 */
public final class RedisPipecatcallCache implements PipecatcallCache {
    /** What the platform keeps a record for. */
    static final Duration KEPT = Duration.ofHours(24);

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, @Nullable Object>> OBJECT = new TypeReference<>() {};

    /**
     * KEYS: the record's. ARGV: value, its tm_end or "", its tm_update or "", seconds to keep it. Moments of one length
     * are of one format, and order as text does; others are not compared.
     */
    private static final RedisScript PUT = new RedisScript("""
            local kept = redis.pcall('GET', KEYS[1])
            if type(kept) == 'string' then
              local readable, record = pcall(cjson.decode, kept)
              if readable and type(record) == 'table' then
                local over = type(record.tm_end) == 'string' and record.tm_end ~= ''
                if over and ARGV[2] == '' then
                  return 0
                end
                local updated = record.tm_update
                if not over and ARGV[2] == '' and type(updated) == 'string' and #updated == #ARGV[3]
                    and updated > ARGV[3] then
                  return 0
                end
              end
            end
            redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[4])
            return 1
            """);

    private final RedisConnection redis;
    private final CacheMeter meter;

    /** Uses a connection that its maker closes. */
    public RedisPipecatcallCache(RedisConnection redis, CacheMeter meter) {
        this.redis = redis;
        this.meter = meter;
    }

    @Override
    public Optional<Pipecatcall> get(PipecatcallId id) {
        String value;
        try {
            value = redis.<@Nullable String>call(client -> client.get(key(id)));
        } catch (StoreException e) {
            if (isOfAnotherType(e)) {
                meter.unreadable();
            } else {
                meter.failed();
            }
            return Optional.empty();
        }
        if (value == null) {
            meter.miss();
            return Optional.empty();
        }
        var record = read(value).filter(call -> call.id().equals(id));
        if (record.isPresent()) {
            meter.hit();
        } else {
            meter.unreadable();
        }
        return record;
    }

    @Override
    public void put(Pipecatcall call) {
        try {
            redis.call(client -> PUT.run(client, key(call.id()), arguments(call)));
        } catch (StoreException e) {
            meter.failed();
        }
    }

    /** The same for several, in one exchange with the server. */
    void putAll(Collection<Pipecatcall> calls) {
        List<Pipecatcall> refused;
        try {
            refused = redis.call(client -> exchange(client, calls));
        } catch (StoreException e) {
            calls.forEach(call -> meter.failed());
            return;
        }
        // A server that was restarted does not know the script.
        refused.forEach(this::put);
    }

    /** Gives what was refused. */
    private List<Pipecatcall> exchange(RedisClient client, Collection<Pipecatcall> calls) {
        var answers = new ArrayList<Map.Entry<Pipecatcall, Response<Object>>>(calls.size());
        try (var pipeline = client.pipelined()) {
            for (var call : calls) {
                answers.add(Map.entry(call, PUT.queue(pipeline, key(call.id()), arguments(call))));
            }
            pipeline.sync();
        }
        var refused = new ArrayList<Pipecatcall>();
        for (var answer : answers) {
            try {
                Object unused = answer.getValue().get();
            } catch (JedisDataException e) {
                refused.add(answer.getKey());
            }
        }
        return refused;
    }

    private static List<String> arguments(Pipecatcall call) {
        var map = PipecatcallWire.toMap(call);
        return List.of(
                JSON.writeValueAsString(map),
                textOf(map.get("tm_end")),
                textOf(map.get("tm_update")),
                Long.toString(KEPT.toSeconds()));
    }

    private String key(PipecatcallId id) {
        return redis.key("pipecatcall:" + id);
    }

    private static Optional<Pipecatcall> read(String value) {
        try {
            return Optional.ofNullable(JSON.readValue(value, OBJECT)).map(PipecatcallWire::fromMap);
        } catch (JacksonException | RequestException e) {
            return Optional.empty();
        }
    }

    private static String textOf(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static boolean isOfAnotherType(StoreException failure) {
        return failure.getCause() instanceof JedisDataException refusal
                && String.valueOf(refusal.getMessage()).startsWith("WRONGTYPE");
    }
}
