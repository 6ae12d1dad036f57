package org.pipecatmanager.microbench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Processor time per operation, of the benchmark's own threads: on a busy machine the clock on the wall also counts what
 * others do in between.
 */
public final class CpuTime implements InternalProfiler {
    /** Name of the result, nanoseconds. */
    static final String LABEL = "cpu.norm";

    /** In the names of the threads that JMH runs benchmarks on. */
    private static final String WORKER = "-jmh-worker-";

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private long before;

    @Override
    public String getDescription() {
        return "Processor time per operation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmarkParams, IterationParams iterationParams) {
        before = workerNanos();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmarkParams, IterationParams iterationParams, IterationResult result) {
        double nanos = workerNanos() - before;
        return List.of(
                new ScalarResult(LABEL, nanos / result.getMetadata().getAllOps(), "ns/op", AggregationPolicy.AVG));
    }

    private long workerNanos() {
        return LongStream.of(threads.getAllThreadIds()).map(this::nanosIfWorker).sum();
    }

    private long nanosIfWorker(long id) {
        var thread = threads.getThreadInfo(id);
        return thread != null && thread.getThreadName().contains(WORKER)
                ? Math.max(0, threads.getThreadCpuTime(id))
                : 0;
    }
}
