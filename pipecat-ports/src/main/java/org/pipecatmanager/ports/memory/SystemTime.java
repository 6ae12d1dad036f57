package org.pipecatmanager.ports.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * The machine's clocks, and alarms on one daemon thread.
 *
 * <p>An action that throws is logged and does not hinder the others. After {@link #close()} no alarm rings any more: those
 * set are called off, new ones are taken and forgotten, so that whoever closes last need not ask.
 */
public final class SystemTime implements TimeSource, Alarms, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SystemTime.class.getName());

    private final ScheduledThreadPoolExecutor executor;

    /** Makes one; its thread starts with the first alarm. */
    public SystemTime() {
        executor = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform().name("pipecat-alarms").daemon().factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Alarm after(Duration delay, Runnable action) {
        var alarm = executor.schedule(() -> run(action), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> alarm.cancel(false);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The action of an alarm failed; this is a defect, report it", e);
        }
    }
}
