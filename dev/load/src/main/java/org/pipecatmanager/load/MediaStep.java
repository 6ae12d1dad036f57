package org.pipecatmanager.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Calls in both directions against one process: up, warm, measured, hung up. */
final class MediaStep {
    /** A generator that is later than this at p99 measures itself. */
    static final double LATE_MILLIS = 5;

    private static final int LIVE_SECONDS = 60;
    private static final double MIB = 1 << 20;

    private final Target target;
    private final int count;
    private final Pace pace;

    MediaStep(Target target, int calls, Pace pace) {
        this.target = target;
        this.count = calls;
        this.pace = pace;
    }

    /**
     * Runs it.
     *
     * @param warmSeconds before it is measured, at least so long with all calls live
     */
    MediaRow run(int warmSeconds, int seconds) throws IOException, InterruptedException {
        Window window = new Window();
        int frames = 50 * seconds;
        List<Call> calls = new ArrayList<>();
        for (int slot = 0; slot < count; slot++) {
            calls.add(new Call(UUID.randomUUID(), slot, window, frames));
        }
        ProcessFigures own = new ProcessFigures(ProcessHandle.current().pid());
        try (Generator generator = new Generator(count, window, frames)) {
            target.connect(generator, calls, pace);
            awaitLive(calls);
            TimeUnit.SECONDS.sleep(warmSeconds);
            double allocated = target.allocatedBytes();
            target.pauses();
            double cpu = target.figures().cpuMillis();
            double ownCpu = own.cpuMillis();
            long begun = System.nanoTime();
            window.open();
            TimeUnit.SECONDS.sleep(seconds);
            window.close();
            double took = (System.nanoTime() - begun) / 1e9;
            cpu = target.figures().cpuMillis() - cpu;
            ownCpu = own.cpuMillis() - ownCpu;
            allocated = target.allocatedBytes() - allocated;
            double resident = target.figures().residentMiB();
            int threads = target.figures().threads();
            GcLog.Pauses pauses = target.pauses();
            generator.fallSilent();
            // What was sent ahead has to be played.
            TimeUnit.MILLISECONDS.sleep(pace.leadMillis() + 2L * pace.chunkMillis() + 500);
            generator.finish();
            List<String> failures = hangUp(calls);
            Totals totals = new Totals(calls, target instanceof Floor);
            double late = generator.lateness().percentile(0.99);
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
                    totals.lost,
                    totals.repeated,
                    totals.reordered,
                    totals.unknown,
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

    private static void awaitLive(List<Call> calls) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIVE_SECONDS);
        while (!calls.stream().allMatch(Call::isLive)) {
            if (System.nanoTime() - deadline > 0) {
                long live = calls.stream().filter(Call::isLive).count();
                throw new IOException(live + " of " + calls.size() + " calls became live within " + LIVE_SECONDS
                        + " s; broken connections: " + failures(calls));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static List<String> failures(List<Call> calls) {
        return calls.stream()
                .flatMap(call -> Stream.of(call.caller(), call.runner()))
                .filter(end -> end != null)
                .map(End::failure)
                .filter(failure -> failure != null)
                .map(String::valueOf)
                .toList();
    }

    private static List<String> hangUp(List<Call> calls) {
        List<String> failures = failures(calls);
        for (Call call : calls) {
            for (End end : Stream.of(call.caller(), call.runner()).toList()) {
                if (end != null) {
                    end.close();
                }
            }
        }
        return failures;
    }

    /** The figures of all calls together. */
    private static final class Totals {
        final Samples up = new Samples(1 << 16);
        final Samples down = new Samples(1 << 16);
        /** From the runner's write, whatever waited in between. */
        final Samples written = new Samples(1 << 16);

        final Samples spacing = new Samples(1 << 16);
        long lost;
        long repeated;
        long reordered;
        long unknown;
        long silent;
        int anchored;

        Totals(List<Call> calls, boolean unpaced) {
            for (Call call : calls) {
                add(call.up());
                add(call.down());
                silent += call.down().silent();
                up.addAll(call.up().latency());
                written.addAll(call.down().latency());
                long[] arrivals = call.down().arrivals();
                int count = call.down().arrivalCount();
                Grid.spacing(arrivals, count, spacing);
                if (unpaced) {
                    down.addAll(call.down().latency());
                } else {
                    anchored += Grid.lateness(arrivals, count, down);
                }
            }
        }

        private void add(Track track) {
            track.settle();
            lost += track.lost();
            repeated += track.repeated();
            reordered += track.reordered();
            unknown += track.unknown();
        }
    }
}
