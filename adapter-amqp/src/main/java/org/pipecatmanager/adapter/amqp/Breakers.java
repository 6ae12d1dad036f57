package org.pipecatmanager.adapter.amqp;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * One circuit breaker per queue of one target, so that nobody waits again and again for a service that is gone.
 *
 * <p>Five failures in a row open it, for 30 s; then one request probes. Those numbers are the platform's.
 *
 * <p><b>Threads.</b> Safe for all.
 */
final class Breakers {
    static final int FAILURES = 5;
    static final Duration OPEN = Duration.ofSeconds(30);
    /** Queues remembered at once; the one not asked for longest is forgotten, which closes its breaker. */
    static final int MAX_QUEUES = 256;

    private final String target;
    private final RpcMeter meter;
    private final CircuitBreakerConfig config;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<String, CircuitBreaker> byQueue = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, CircuitBreaker> eldest) {
            return size() > MAX_QUEUES;
        }
    };

    Breakers(String target, RpcMeter meter, TimeSource time) {
        this.target = target;
        this.meter = meter;
        // The window of the last five is all failures exactly when five in a row failed.
        this.config = CircuitBreakerConfig.custom()
                .slidingWindow(FAILURES, FAILURES, SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(100)
                .waitDurationInOpenState(OPEN)
                .permittedNumberOfCallsInHalfOpenState(1)
                .clock(new Monotonic(time))
                .build();
    }

    /** The breaker of a queue, made when it is asked for first. */
    CircuitBreaker of(String queue) {
        lock.lock();
        try {
            return byQueue.computeIfAbsent(queue, this::made);
        } finally {
            lock.unlock();
        }
    }

    private CircuitBreaker made(String queue) {
        var breaker = CircuitBreaker.of(queue, config);
        breaker.getEventPublisher().onStateTransition(event -> {
            var transition = event.getStateTransition();
            meter.breakerMoved(target, name(transition.getFromState()), name(transition.getToState()));
        });
        return breaker;
    }

    private static String name(CircuitBreaker.State state) {
        return switch (state) {
            case OPEN, FORCED_OPEN -> "open";
            case HALF_OPEN -> "half-open";
            case CLOSED, DISABLED, METRICS_ONLY -> "closed";
        };
    }

    /** Intervals only: a step of the wall clock neither opens nor closes anything. */
    private static final class Monotonic extends Clock {
        private final TimeSource time;

        Monotonic(TimeSource time) {
            this.time = time;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(time.nanoTime());
        }
    }
}
