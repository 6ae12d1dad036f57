package org.pipecatmanager.daemon.architecture.violators.domain;

import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

final class DecisionThatReadsTheClock {
    private final Supplier<Instant> byReference = Instant::now;

    String decide() throws InterruptedException {
        Thread.sleep(1);
        LockSupport.parkNanos(1);
        return byReference.get() + " " + System.nanoTime() + " " + System.currentTimeMillis() + " " + UUID.randomUUID()
                + " " + Clock.systemUTC();
    }
}
