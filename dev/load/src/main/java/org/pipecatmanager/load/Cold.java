package org.pipecatmanager.load;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process that has just become ready is given all calls at once, and its first seconds are measured. */
final class Cold {
    private static final int HALF_SECONDS = 5;
    private static final int PATIENCE_SECONDS = 60;
    /** A process that needs longer is not the fresh one that is asked about. */
    static final int READY_SECONDS = 5;

    private Cold() {}

    /**
     * What became of it.
     *
     * @param readySeconds from the start of the process until it took calls
     * @param liveSeconds  from the first request until all calls were live
     */
    record Row(
            int calls,
            String who,
            double readySeconds,
            double liveSeconds,
            Spread firstUp,
            Spread firstDown,
            Spread secondUp,
            Spread secondDown,
            double fastestDownMillis,
            long lost,
            double lateP99Millis,
            List<String> failures) {
        Row {
            failures = List.copyOf(failures);
        }
    }

    /**
     * Runs it.
     *
     * @param startedNanos when the process was started
     */
    static Row run(Target fresh, long startedNanos, int count, Speech.Voice voice)
            throws IOException, InterruptedException {
        while (!fresh.isReady()) {
            if (System.nanoTime() - startedNanos > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                throw new IOException(fresh.name() + " was not ready " + PATIENCE_SECONDS + " s after its start");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        double ready = (System.nanoTime() - startedNanos) / 1e9;
        try (Step step = new Step(fresh, count, voice, 2 * HALF_SECONDS + 10)) {
            step.window().open();
            long begun = System.nanoTime();
            step.connect(step.calls());
            while (step.calls().stream().noneMatch(Call::isLive)) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            long media = System.nanoTime();
            step.awaitLive(step.calls());
            double live = (System.nanoTime() - begun) / 1e9;
            sleepUntil(media + TimeUnit.SECONDS.toNanos(HALF_SECONDS));
            step.window().split();
            sleepUntil(media + TimeUnit.SECONDS.toNanos(2 * HALF_SECONDS));
            step.window().close();
            step.comeToRest(1_000);
            Totals first = new Totals(step.calls(), fresh.paces(), Totals.Part.BEFORE_SPLIT);
            Totals second = new Totals(step.calls(), fresh.paces(), Totals.Part.AFTER_SPLIT);
            return new Row(
                    count,
                    fresh.name(),
                    ready,
                    live,
                    Spread.of(first.up),
                    Spread.of(first.down),
                    Spread.of(second.up),
                    Spread.of(second.down),
                    second.written.percentile(0),
                    first.lost,
                    step.generator().lateness().percentile(0.99),
                    step.failures());
        }
    }

    private static void sleepUntil(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(Math.max(0, nanos - System.nanoTime()));
    }
}
