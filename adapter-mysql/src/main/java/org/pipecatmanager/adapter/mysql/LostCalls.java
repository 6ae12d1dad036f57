package org.pipecatmanager.adapter.mysql;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.pipecatmanager.ports.model.PipecatcallId;

/** The latest calls another daemon has taken from us. Safe for all threads. */
final class LostCalls {
    /** Their sessions end at once, so that each is asked for only a moment; many times as many as a daemon has. */
    private static final int KEPT = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<PipecatcallId> calls = new LinkedHashSet<>();

    /** False when it was known already. */
    boolean add(PipecatcallId call) {
        lock.lock();
        try {
            boolean news = calls.add(call);
            if (calls.size() > KEPT) {
                Iterator<PipecatcallId> oldest = calls.iterator();
                oldest.next();
                oldest.remove();
            }
            return news;
        } finally {
            lock.unlock();
        }
    }

    boolean contains(PipecatcallId call) {
        lock.lock();
        try {
            return calls.contains(call);
        } finally {
            lock.unlock();
        }
    }
}
