package org.pipecatmanager.microbench;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.pipecatmanager.domain.audio.Resampler;

/**
 * Runs the benchmarks, prints them beside the baseline and keeps them; {@code dev/bench.sh} calls it. Arguments are JMH's.
 * Ends with 1 when something allocated that is said not to. Time never fails a run: another machine has other times.
 *
 * <p>System properties: {@code bench.out}, the folder for {@code results.json} and JMH's own log; {@code bench.baseline}, a
 * file to compare with; {@code bench.quick}, true for less of everything; {@code bench.commit}, for the record.
 */
public final class Microbench {
    /** What the virtual machine and JMH allocate of their own in an iteration: some 7 kB were seen. */
    private static final double BACKGROUND_BYTES = 16_000;
    /** The smallest object has 16 bytes, so this is one in 160 operations. */
    private static final double NOTHING_BYTES = 0.1;

    private static final int QUICK_WARM_UPS = 8;
    private static final int QUICK_ITERATIONS = 3;
    private static final TimeValue QUICK_TIME = TimeValue.milliseconds(100);

    /** The parameter of the resampler's benchmark. */
    private static final String PAIR = "pair";

    private Microbench() {}

    /**
     * Entry point.
     *
     * @throws RunnerException a benchmark failed
     */
    public static void main(String[] args) throws IOException, CommandLineOptionException, RunnerException {
        Path out = Path.of(System.getProperty("bench.out", "build/bench"));
        Path kept = Path.of(System.getProperty("bench.baseline", "dev/microbench/baseline.json"));
        boolean quick = Boolean.getBoolean("bench.quick");
        Files.createDirectories(out);
        Map<String, String> machine = Machine.describe(System.getProperty("bench.commit", "unknown"), quick);

        Path log = out.resolve("jmh.log");
        System.out.println("running; what JMH says goes to " + log);
        Collection<RunResult> results = new Runner(options(args, quick, log)).run();

        Map<String, Measured> measured = new TreeMap<>();
        Set<String> perFrame = new TreeSet<>();
        Set<String> broken = new TreeSet<>();
        for (RunResult result : results) {
            String name = name(result.getParams());
            Measured value = Measured.of(result);
            measured.put(name, value);
            if (is(PerFrame.class, result.getParams())) {
                perFrame.add(name);
            }
            if (is(AllocatesNothing.class, result.getParams()) && value.bytes() > allowedBytes(result)) {
                broken.add(
                        name + " allocated " + value.bytes() + " bytes per operation and is said to allocate nothing");
            }
        }
        Report report = new Report(machine, measured);
        report.write(out.resolve("results.json"));
        Report baseline = Files.exists(kept) ? Report.read(kept) : Report.NONE;
        System.out.print(Table.of(report, baseline, perFrame));
        System.out.println("this run: " + machine);
        System.out.println("baseline: " + baseline.machine());
        broken.forEach(System.err::println);
        if (!broken.isEmpty()) {
            System.exit(1);
        }
    }

    private static org.openjdk.jmh.runner.options.Options options(String[] args, boolean quick, Path log)
            throws CommandLineOptionException {
        var asked = new CommandLineOptions(args);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .parent(asked)
                .addProfiler(GCProfiler.class)
                .addProfiler(CpuTime.class)
                .jvmArgsAppend("-Xms256m", "-Xmx256m", "--sun-misc-unsafe-memory-access=allow")
                .shouldFailOnError(true)
                .output(log.toString());
        if (quick) {
            return options.forks(1)
                    .warmupIterations(QUICK_WARM_UPS)
                    .warmupTime(QUICK_TIME)
                    .measurementIterations(QUICK_ITERATIONS)
                    .measurementTime(QUICK_TIME)
                    .build();
        }
        return asked.getParameter(PAIR).hasValue()
                ? options.build()
                : options.param(PAIR, pairs()).build();
    }

    /** Every two different rates. */
    private static String[] pairs() {
        return Resampler.SUPPORTED_HZ.stream()
                .flatMap(in -> Resampler.SUPPORTED_HZ.stream()
                        .filter(out -> !out.equals(in))
                        .map(out -> in + "-" + out))
                .toArray(String[]::new);
    }

    /** {@code Resampler.frame 8000-16000}. */
    private static String name(BenchmarkParams params) {
        String[] path = params.getBenchmark().split("\\.", -1);
        String type = path[path.length - 2].replace("Benchmark", "");
        String values = params.getParamsKeys().stream()
                .map(key -> " " + params.getParam(key))
                .collect(Collectors.joining());
        return type + "." + path[path.length - 1] + values;
    }

    /** Per operation of something that allocates nothing. */
    private static double allowedBytes(RunResult result) {
        double operations = result.getParams().getMeasurement().getTime().convertTo(TimeUnit.NANOSECONDS)
                / result.getPrimaryResult().getScore();
        return Math.max(NOTHING_BYTES, BACKGROUND_BYTES / operations);
    }

    private static boolean is(Class<? extends Annotation> kind, BenchmarkParams params) {
        String name = params.getBenchmark();
        int dot = name.lastIndexOf('.');
        try {
            return Arrays.stream(Class.forName(name.substring(0, dot)).getMethods())
                    .filter(method -> method.getName().equals(name.substring(dot + 1)))
                    .anyMatch((Method method) -> method.isAnnotationPresent(kind));
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the benchmark " + name + " has no class", e);
        }
    }
}
