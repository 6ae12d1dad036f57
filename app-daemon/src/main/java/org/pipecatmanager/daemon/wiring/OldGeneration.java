package org.pipecatmanager.daemon.wiring;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.pipecatmanager.ports.out.Alarms;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the serial collector clear its old generation while that is small.
 *
 * <p>A call outlives the young generation, so what it held is garbage of the old one when it ends. The collector looks at that only
 * when the heap has reached its greatest size, a quarter of the machine's memory; by then a pause takes long, since it passes over all that is dead.
 * With no session it is cleared when it has grown by 4 MB, which nobody hears, and in any case when it has doubled, by 32 MB at least: the
 * pause is then 20 to 30 ms of processor time. Other collectors look after themselves and are left alone.
 *
 * <p>Looks each 10 s on the thread of the alarms.
 */
final class OldGeneration {
    private static final Logger LOG = LoggerFactory.getLogger(OldGeneration.class);
    /** What the serial collector calls its old generation. */
    private static final String POOL = "Tenured Gen";

    private static final Duration PERIOD = Duration.ofSeconds(10);
    static final long IDLE_GROWTH_BYTES = 4L << 20;
    static final long GROWTH_BYTES = 32L << 20;

    private final LongSupplier usedBytes;
    private final IntSupplier sessions;
    private final Runnable collector;
    private long leastBytes;

    /**
     * Nothing is looked at yet.
     *
     * @param usedBytes of the old generation, dead or alive
     * @param collector clears it, at once
     */
    OldGeneration(LongSupplier usedBytes, IntSupplier sessions, Runnable collector) {
        this.usedBytes = usedBytes;
        this.sessions = sessions;
        this.collector = collector;
    }

    /** Looks after it until {@code alarms} are closed, if the virtual machine runs with the serial collector. */
    static void watch(Alarms alarms, IntSupplier sessions) {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getName().equals(POOL)) {
                new OldGeneration(() -> pool.getUsage().getUsed(), sessions, System::gc).lookEach(alarms);
            }
        }
    }

    private void lookEach(Alarms alarms) {
        alarms.after(PERIOD, () -> {
            look();
            lookEach(alarms);
        });
    }

    /** Clears it when it has grown enough since it was cleared last. */
    void look() {
        long used = usedBytes.getAsLong();
        leastBytes = Math.min(leastBytes, used);
        long allowed = sessions.getAsInt() == 0 ? IDLE_GROWTH_BYTES : Math.max(GROWTH_BYTES, leastBytes);
        if (used - leastBytes >= allowed) {
            collector.run();
            leastBytes = usedBytes.getAsLong();
            LOG.debug("the old generation is cleared: {} kB before, {} kB now", used >> 10, leastBytes >> 10);
        }
    }
}
