package org.pipecatmanager.domain.recording;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Records calls. Safe for all threads. */
public final class Recorder implements AutoCloseable {
    /** The last round of a recording comes half a second after the end of its call; a disk may be busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final RecorderPorts ports;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition fewer = lock.newCondition();
    /** Guarded by {@code lock}. */
    private int open;

    public Recorder(RecorderPorts ports) {
        this.ports = ports;
    }

    /** Records what passes at a bridge from now on until its leg is gone; never blocks. */
    public void record(PipecatcallId id, AudioBridge bridge) {
        count(1);
        new CallRecording(id, bridge, ports, () -> count(-1)).begin();
    }

    private void count(int change) {
        lock.lock();
        try {
            open += change;
            fewer.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits at most five seconds until the recordings of calls that have ended are whole. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            long left = PATIENCE.toNanos();
            while (open > 0 && left > 0) {
                left = fewer.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
