package org.pipecatmanager.daemon.doctor;

import java.util.ArrayList;
import java.util.List;
import org.pipecatmanager.adapter.redis.RedisInspection;

/** Judges Redis. */
final class CacheCheck {
    private static final String AREA = "redis";

    private CacheCheck() {}

    static List<Finding> of(RedisInspection redis) {
        return switch (redis.access()) {
            case UNREACHABLE ->
                List.of(
                        Finding.problem(
                                AREA,
                                "no Redis answers at " + redis.place(),
                                redis.reason(),
                                "check host and port in REDIS_ADDRESS (rediss:// for TLS), that it runs, and that no firewall is between"));
            case REFUSED ->
                List.of(Finding.problem(
                        AREA,
                        "Redis at " + redis.place() + " does not let us in",
                        redis.reason(),
                        "check REDIS_PASSWORD, the user in REDIS_ADDRESS, and REDIS_DATABASE (1 unless set; CONFIG GET databases"
                                + " says how many there are)"));
            case OPEN -> {
                List<Finding> findings = new ArrayList<>();
                findings.add(Versions.judged(AREA, "Redis", redis.version(), RedisInspection.LEAST_VERSION));
                if (redis.readOnly()) {
                    findings.add(Finding.problem(
                            AREA,
                            "it is a replica, which takes no leases: daemons there look dead to each other",
                            redis.place(),
                            "set REDIS_ADDRESS to the primary"));
                }
                findings.addAll(ClockCheck.of(AREA, redis.clockAhead()));
                yield findings;
            }
        };
    }
}
