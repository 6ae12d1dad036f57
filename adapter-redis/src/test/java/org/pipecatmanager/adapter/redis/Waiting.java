package org.pipecatmanager.adapter.redis;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a real server or socket does in its own time. */
final class Waiting {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Waiting() {}

    static void until(String what, BooleanSupplier isSo) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within 30 s: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }
}
