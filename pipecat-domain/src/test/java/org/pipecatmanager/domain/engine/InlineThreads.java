package org.pipecatmanager.domain.engine;

import java.util.ArrayDeque;
import java.util.function.Predicate;

/** Runs tasks on the thread that starts them, one after the other; some can be held back. One thread only. */
final class InlineThreads implements Threads {
    private record Task(String name, Runnable action) {}

    private final ArrayDeque<Task> tasks = new ArrayDeque<>();
    private final ArrayDeque<Task> held = new ArrayDeque<>();
    private Predicate<String> holding = name -> false;
    private boolean running;

    @Override
    public void start(String name, Runnable task) {
        (holding.test(name) ? held : tasks).add(new Task(name, task));
        run();
    }

    /** Tasks whose name begins so wait for {@link #release}. */
    void hold(String prefix) {
        holding = name -> name.startsWith(prefix);
    }

    void release() {
        holding = name -> false;
        tasks.addAll(held);
        held.clear();
        run();
    }

    private void run() {
        if (running) {
            return;
        }
        running = true;
        try {
            for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
                task.action().run();
            }
        } finally {
            running = false;
        }
    }
}
