package org.pipecatmanager.domain.engine;

/** Where tasks that may block run. */
@FunctionalInterface
public interface Threads {
    /** One new virtual thread per task. */
    Threads VIRTUAL = (name, task) -> Thread.ofVirtual().name(name).start(task);

    /**
     * Runs a task; returns without waiting for it.
     *
     * @param name of the thread, for those who read a thread dump
     */
    void start(String name, Runnable task);
}
