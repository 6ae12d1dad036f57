package org.pipecatmanager.load;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Calls in both directions against one process: up, warm, measured, hung up. */
final class MediaStep {
    /** A generator that is later than this at p99 measures itself. */
    static final double LATE_MILLIS = 5;

    /** What was sent ahead has to be played, and a burst is a second. */
    private static final long REST_MILLIS = 1_500;

    private static final double MIB = 1 << 20;

    private final Target target;
    private final int count;
    private final Speech.Voice voice;

    MediaStep(Target target, int calls, Speech.Voice voice) {
        this.target = target;
        this.count = calls;
        this.voice = voice;
    }

    /**
     * Runs it.
     *
     * @param warmSeconds before it is measured, with all calls live
     */
    MediaRow run(int warmSeconds, int seconds) throws IOException, InterruptedException {
        ProcessFigures own = new ProcessFigures(ProcessHandle.current().pid());
        try (Step step = new Step(target, count, voice, seconds)) {
            step.connect();
            TimeUnit.SECONDS.sleep(warmSeconds);
            double allocated = target.allocatedBytes();
            target.pauses();
            double cpu = target.figures().cpuMillis();
            double ownCpu = own.cpuMillis();
            long begun = System.nanoTime();
            step.window().open();
            TimeUnit.SECONDS.sleep(seconds);
            step.window().close();
            double took = (System.nanoTime() - begun) / 1e9;
            cpu = target.figures().cpuMillis() - cpu;
            ownCpu = own.cpuMillis() - ownCpu;
            allocated = target.allocatedBytes() - allocated;
            double resident = target.figures().residentMiB();
            int threads = target.figures().threads();
            GcLog.Pauses pauses = target.pauses();
            step.comeToRest(REST_MILLIS);
            var failures = step.failures();
            step.calls().forEach(Call::settle);
            Totals totals = new Totals(step.calls(), target.paces(), Totals.Part.ALL);
            double late = step.generator().lateness().percentile(0.99);
            step.hangUp();
            return new MediaRow(
                    count,
                    target.name(),
                    took,
                    cpu / took / count,
                    ownCpu / took / 1000,
                    Spread.of(totals.up),
                    Spread.of(totals.down),
                    totals.written.percentile(0),
                    Spread.of(totals.spacing),
                    Spread.of(totals.first),
                    100 * totals.spacing.shareBelow(TimeUnit.MILLISECONDS.toNanos(5)),
                    totals.lost,
                    totals.repeated,
                    totals.reordered,
                    totals.unknown,
                    totals.madeUp,
                    totals.silent,
                    totals.anchored,
                    resident,
                    target.figures().peakResidentMiB(),
                    threads,
                    allocated / took / MIB,
                    pauses,
                    late,
                    late > LATE_MILLIS,
                    target.settle(),
                    failures);
        }
    }
}
