package org.pipecatmanager.daemon.wiring;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be undone, the last first. Safe for all threads. */
final class Undo {
    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    /** Something to undo. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    void push(Step step) {
        synchronized (steps) {
            steps.push(step);
        }
    }

    /** Undoes everything; failures are logged and do not stop the rest. */
    void run() {
        for (Step step = next(); step != null; step = next()) {
            try {
                step.run();
            } catch (IOException | RuntimeException e) {
                LOG.error("something did not close in order", e);
            }
        }
    }

    private @Nullable Step next() {
        synchronized (steps) {
            return steps.poll();
        }
    }
}
