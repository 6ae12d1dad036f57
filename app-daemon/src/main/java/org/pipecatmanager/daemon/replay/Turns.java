package org.pipecatmanager.daemon.replay;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.pipecatmanager.domain.engine.Threads;

/**
 * Threads that take turns, in an order that does not depend on the machine: who starts or wakes another waits until that one ends, or
 * waits itself. Tasks that tasks start come after them.
 */
final class Turns implements Threads {
    /** Of a task: gives the turn back to who started or woke it. */
    private static final ThreadLocal<Semaphore> BACK = new ThreadLocal<>();

    private record Parked(Semaphore wake, Semaphore back) {}

    private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
    private final Map<String, Parked> parked = new HashMap<>();
    private boolean draining;

    @Override
    public void start(String name, Runnable task) {
        ready.add(() -> call(name, task));
        if (draining) {
            return;
        }
        draining = true;
        try {
            for (Runnable next = ready.poll(); next != null; next = ready.poll()) {
                next.run();
            }
        } finally {
            draining = false;
        }
    }

    /** Runs a task on a thread of its own until it ends or waits; tasks that it starts run at once. */
    void call(String name, Runnable task) {
        Semaphore back = new Semaphore(0);
        Thread _ = Thread.ofVirtual().name(name).start(() -> {
            BACK.set(back);
            try {
                task.run();
            } finally {
                back.release();
            }
        });
        back.acquireUninterruptibly();
    }

    /** Has a task wait until somebody wakes this name. */
    void await(String name) {
        Semaphore back = BACK.get();
        Semaphore wake = new Semaphore(0);
        parked.put(name, new Parked(wake, back));
        back.release();
        wake.acquireUninterruptibly();
    }

    /** Has whoever waits for that name go on, if anybody does. */
    void wake(String name) {
        Parked who = parked.remove(name);
        if (who != null) {
            who.wake().release();
            who.back().acquireUninterruptibly();
        }
    }

    /** Has everybody go on who waits. */
    void wakeAll() {
        parked.keySet().stream().sorted().toList().forEach(this::wake);
    }
}
