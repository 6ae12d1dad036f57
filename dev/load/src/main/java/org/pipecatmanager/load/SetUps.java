package org.pipecatmanager.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** How fast calls are set up and ended over RabbitMQ: alone, many at once, and as many as go. */
final class SetUps {
    private static final int ALONE = 50;
    private static final int AT_ONCE = 64;
    private static final int ROUNDS = 5;
    /** Frames that go out at the same moment: some 800 moments a second for all calls. */
    private static final int TOGETHER = 8;

    private static final int PATIENCE_SECONDS = 30;
    private static final Speech.Voice VOICE = new Pace(20, 100);

    private final PlatformDaemon daemon;
    private final Window window = new Window();

    SetUps(PlatformDaemon daemon) {
        this.daemon = daemon;
    }

    /**
     * From the request.
     *
     * @param answered until its answer
     * @param leg      until the daemon's first frame at the caller
     * @param link     until the daemon has accepted the runner's socket
     * @param open     until leg and link are open
     * @param stopped  from the request to stop until the leg was hung up
     */
    record Times(Spread answered, Spread leg, Spread link, Spread open, Spread stopped) {}

    /**
     * As many as go.
     *
     * @param perSecond    calls that became fully open
     * @param cores        what each process took
     * @param cpuMillis    what each process took for one of them, from the request to the end
     * @param compiling    of that what the compilers of the Java virtual machines took, in a process long warm nothing
     * @param unsuccessful calls that were refused or never opened
     */
    record Rate(
            int outstanding,
            double perSecond,
            Map<String, Double> cores,
            Map<String, Double> cpuMillis,
            Map<String, Double> compiling,
            int unsuccessful) {
        Rate {
            cores = Map.copyOf(cores);
            cpuMillis = Map.copyOf(cpuMillis);
            compiling = Map.copyOf(compiling);
        }
    }

    /** One after the other. */
    Times alone() throws IOException, InterruptedException {
        List<Call> calls = new ArrayList<>();
        try (Generator generator = new Generator(1, window, 1)) {
            for (int n = 0; n < ALONE; n++) {
                Call call = call(0);
                calls.add(call);
                daemon.connect(generator, call, VOICE);
                await(List.of(call), Call::isOpen);
                daemon.stop(call);
                await(List.of(call), Call::isOver);
            }
        }
        daemon.settle();
        return times(calls);
    }

    /** All at the same moment, a few times: one time says little. */
    Times atOnce() throws IOException, InterruptedException {
        List<Call> all = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            all.addAll(round());
            daemon.settle();
        }
        return times(all);
    }

    private List<Call> round() throws IOException, InterruptedException {
        List<Call> calls = new ArrayList<>();
        try (Generator generator = new Generator(AT_ONCE, window, 1, TOGETHER)) {
            for (int slot = 0; slot < AT_ONCE; slot++) {
                calls.add(call(slot));
            }
            for (Call call : calls) {
                daemon.connect(generator, call, VOICE);
            }
            await(calls, Call::isOpen);
            for (Call call : calls) {
                daemon.stop(call);
            }
            await(calls, Call::isOver);
        }
        return calls;
    }

    /** So many always on their way for this long; each is ended as soon as it is open. */
    Rate rate(int seconds) throws IOException, InterruptedException {
        Map<String, ProcessFigures> processes = new LinkedHashMap<>(PlatformDaemon.servers());
        processes.put("daemon", daemon.figures());
        processes.put("generator", new ProcessFigures(ProcessHandle.current().pid()));
        Map<String, Double> before = cpu(processes);
        Map<String, Double> compiledBefore = compilers(processes);
        Call[] slots = new Call[AT_ONCE];
        List<Call> ending = new ArrayList<>();
        int opened = 0;
        int unsuccessful = 0;
        double took;
        Map<String, Double> compiling = new LinkedHashMap<>();
        Map<String, Double> cores = new LinkedHashMap<>();
        Map<String, Double> each = new LinkedHashMap<>();
        try (Generator generator = new Generator(AT_ONCE, window, 1, TOGETHER)) {
            long begun = System.nanoTime();
            long end = begun + TimeUnit.SECONDS.toNanos(seconds);
            for (int slot = 0; slot < AT_ONCE; slot++) {
                slots[slot] = begin(generator, slot);
            }
            while (System.nanoTime() - end < 0) {
                for (int slot = 0; slot < AT_ONCE; slot++) {
                    Call call = slots[slot];
                    if (call.isOpen()) {
                        opened++;
                    } else if (hasFailed(call)) {
                        unsuccessful++;
                    } else {
                        continue;
                    }
                    daemon.stop(call);
                    ending.add(call);
                    slots[slot] = begin(generator, slot);
                }
                TimeUnit.MILLISECONDS.sleep(2);
            }
            took = (System.nanoTime() - begun) / 1e9;
            Map<String, Double> after = cpu(processes);
            for (var process : after.entrySet()) {
                double millis = process.getValue() - before.getOrDefault(process.getKey(), 0.0);
                cores.put(process.getKey(), millis / 1000 / took);
                each.put(process.getKey(), millis / Math.max(1, opened));
            }
            for (var process : compilers(processes).entrySet()) {
                double millis = process.getValue() - compiledBefore.getOrDefault(process.getKey(), 0.0);
                compiling.put(process.getKey(), millis / Math.max(1, opened));
            }
            await(List.of(slots), call -> call.isOpen() || hasFailed(call));
            for (Call call : slots) {
                daemon.stop(call);
            }
            ending.addAll(List.of(slots));
            await(ending, call -> call.isOver() || call.answerStatus() != 200);
        }
        daemon.settle();
        return new Rate(AT_ONCE, opened / took, cores, each, compiling, unsuccessful);
    }

    private Call begin(Generator generator, int slot) throws IOException {
        Call call = call(slot);
        daemon.connect(generator, call, VOICE);
        return call;
    }

    private Call call(int slot) {
        return new Call(UUID.randomUUID(), slot, window, 1);
    }

    private static boolean hasFailed(Call call) {
        return call.isOver() || (call.answerStatus() != 0 && call.answerStatus() != 200);
    }

    private static Map<String, Double> cpu(Map<String, ProcessFigures> processes) throws IOException {
        Map<String, Double> cpu = new LinkedHashMap<>();
        for (var process : processes.entrySet()) {
            cpu.put(process.getKey(), process.getValue().cpuMillis());
        }
        return cpu;
    }

    private static Map<String, Double> compilers(Map<String, ProcessFigures> processes) throws IOException {
        Map<String, Double> cpu = new LinkedHashMap<>();
        for (String name : List.of("daemon", "generator")) {
            cpu.put(name, Objects.requireNonNull(processes.get(name)).compilerMillis());
        }
        return cpu;
    }

    /** What has to come true of a call. */
    private interface Condition {
        boolean holds(Call call);
    }

    private static void await(List<Call> calls, Condition condition) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (Call call : calls) {
            while (!condition.holds(call)) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException(
                            "call " + call.id() + " hangs: answered " + call.answerStatus() + ", leg open "
                                    + (call.legOpenedNanos() != 0) + ", link open " + (call.linkOpenedNanos() != 0)
                                    + ", hung up " + call.isOver());
                }
                TimeUnit.MICROSECONDS.sleep(200);
            }
        }
    }

    private static Times times(List<Call> calls) {
        Samples answered = new Samples(calls.size());
        Samples leg = new Samples(calls.size());
        Samples link = new Samples(calls.size());
        Samples open = new Samples(calls.size());
        Samples stopped = new Samples(calls.size());
        for (Call call : calls) {
            answered.add(call.answeredNanos() - call.askedNanos());
            leg.add(call.legOpenedNanos() - call.askedNanos());
            link.add(call.linkOpenedNanos() - call.askedNanos());
            open.add(Math.max(call.legOpenedNanos(), call.linkOpenedNanos()) - call.askedNanos());
            stopped.add(call.legClosedNanos() - call.stopAskedNanos());
        }
        return new Times(Spread.of(answered), Spread.of(leg), Spread.of(link), Spread.of(open), Spread.of(stopped));
    }
}
