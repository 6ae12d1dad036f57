package org.pipecatmanager.adapter.mysql;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.pipecatmanager.ports.out.StoreMeter;

/** Remembers what was counted. */
final class RecordingStoreMeter implements StoreMeter {
    final AtomicInteger mostQueued = new AtomicInteger();
    final AtomicLong spooled = new AtomicLong();
    final AtomicLong mostSpooled = new AtomicLong();
    final AtomicInteger mostHeld = new AtomicInteger();
    final AtomicInteger timesBehind = new AtomicInteger();
    final AtomicInteger intermediatesDropped = new AtomicInteger();
    final AtomicInteger fenced = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger overloaded = new AtomicInteger();
    final AtomicLong cut = new AtomicLong();
    volatile boolean reachable = true;
    private volatile boolean behind;

    @Override
    public void queued(int entries, long bytes) {
        mostQueued.accumulateAndGet(entries, Math::max);
    }

    @Override
    public void spooled(long bytes) {
        spooled.set(bytes);
        mostSpooled.accumulateAndGet(bytes, Math::max);
    }

    @Override
    public void outbox(int entries, boolean nowBehind) {
        mostHeld.accumulateAndGet(entries, Math::max);
        if (nowBehind && !behind) {
            timesBehind.incrementAndGet();
        }
        behind = nowBehind;
    }

    @Override
    public void intermediatesDropped(int count) {
        intermediatesDropped.addAndGet(count);
    }

    @Override
    public void fenced(int entries) {
        fenced.addAndGet(entries);
    }

    @Override
    public void refused(String kind) {
        refused.incrementAndGet();
    }

    @Override
    public void overloaded() {
        overloaded.incrementAndGet();
    }

    @Override
    public void spoolCut(long bytes) {
        cut.addAndGet(bytes);
    }

    @Override
    public void reachable(boolean up) {
        reachable = up;
    }
}
