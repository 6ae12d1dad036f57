package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** All that is measured, in its order. */
final class Bench {
    /** With so many calls both virtual machines compile what they will. */
    private static final int FIRST_WARM_CALLS = 200;

    private final Options options;
    private final Report report;

    /**
     * What is asked for.
     *
     * @param calls            steps
     * @param seconds          measured, of each step
     * @param warmSeconds      before each step
     * @param firstWarmSeconds once for each process, with {@value #FIRST_WARM_CALLS} calls
     * @param pace             of runners that speak in real time
     * @param embedded         without the platform's adapters
     * @param coldCalls        at once, to a process that is new
     * @param badCalls         with runners that do not speak in real time
     */
    record Options(
            List<Integer> calls,
            int seconds,
            int warmSeconds,
            int firstWarmSeconds,
            Pace pace,
            boolean embedded,
            int coldCalls,
            int badCalls) {
        Options {
            calls = List.copyOf(calls);
            if (calls.stream().anyMatch(n -> n < 1 || n > 1_500)) {
                throw new IllegalArgumentException("calls are " + calls + "; give steps from 1 to 1500");
            }
            if (seconds < 1 || seconds > 600) {
                throw new IllegalArgumentException("seconds are " + seconds + "; give 1 to 600");
            }
        }
    }

    Bench(Options options, Report report) {
        this.options = options;
        this.report = report;
    }

    /** Where the repository is; the launcher tells. */
    static Path home() {
        return Path.of(System.getProperty("load.home", ".")).toAbsolutePath().normalize();
    }

    /** Where the processes say what went wrong. */
    static Path logs() {
        return home().resolve("build/load");
    }

    /** Something that is measured with a warm daemon, and a warm floor beside it. */
    interface Part {
        void run(Target ours, Target floor) throws IOException, InterruptedException;
    }

    /** Runs these parts with one daemon and one floor, both warmed once. */
    void warm(List<Part> parts) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pipecat-load");
        try (Target floor = new Floor(folder);
                Target ours = daemon(folder)) {
            if (options.firstWarmSeconds() > 0) {
                for (Target target : List.of(floor, ours)) {
                    new MediaStep(target, FIRST_WARM_CALLS, options.pace()).run(options.firstWarmSeconds(), 1);
                }
            }
            for (Part part : parts) {
                part.run(ours, floor);
            }
        } finally {
            delete(folder);
        }
    }

    private Target daemon(Path folder) throws IOException {
        return options.embedded() ? new EmbeddedDaemon(folder) : new PlatformDaemon(folder);
    }

    /** Every step against both processes, one after the other. */
    List<MediaRow> media(Target ours, Target floor) throws IOException, InterruptedException {
        List<MediaRow> rows = new ArrayList<>();
        double resting = ours.figures().residentMiB();
        report.mediaHead();
        for (int calls : options.calls()) {
            MediaRow low = new MediaStep(floor, calls, options.pace()).run(options.warmSeconds(), options.seconds());
            rows.add(low);
            report.media(low, null);
            MediaRow high = fromWhenDue(
                    new MediaStep(ours, calls, options.pace()).run(options.warmSeconds(), options.seconds()), low);
            rows.add(high);
            report.media(high, low);
        }
        MediaRow last = rows.getLast();
        double perCall = (last.residentMiB() - resting) / last.calls();
        report.line(Report.format(
                "memory: %.0f MiB without calls, %.3f MiB more per call at %d", resting, perCall, last.calls()));
        report.put("media", rows);
        report.put("memory", Map.of("restingMiB", resting, "perCallMiB", perCall, "calls", last.calls()));
        return rows;
    }

    /** A frame cannot arrive when it is due: the least the floor needed from write to read is added to the lateness. */
    private static MediaRow fromWhenDue(MediaRow row, MediaRow floor) {
        return row.withDown(row.down().plus(floor.fastestDownMillis()));
    }

    /** Runners that send a second of speech each second, at once. */
    MediaRow bursts(Target ours) throws IOException, InterruptedException {
        report.badHead();
        return badRunner(ours, "a second of speech at once", new Bursts());
    }

    /** Runners that heed what they are granted, in order and stumbling. */
    List<MediaRow> grantedRunners(Target ours) throws IOException, InterruptedException {
        return List.of(
                badRunner(ours, "within the grant, undisturbed", new Stumbles(false)),
                badRunner(ours, "within the grant, stumbling", new Stumbles(true)));
    }

    private MediaRow badRunner(Target ours, String name, Speech.Voice voice) throws IOException, InterruptedException {
        MediaRow row = new MediaStep(ours, options.badCalls(), voice).run(options.warmSeconds(), options.seconds());
        report.bad(name, row);
        report.put(name, row);
        return row;
    }

    /** Runners that interrupt themselves. */
    void interruptions(Target ours) throws IOException, InterruptedException {
        Interruptions voice = new Interruptions(options.badCalls());
        Samples lastOld = new Samples(1024);
        Samples firstNew = new Samples(1024);
        try (Step step = new Step(ours, options.badCalls(), voice, options.seconds())) {
            for (Call call : step.calls()) {
                call.hearing(voice.ear(call.slot()));
            }
            step.connect();
            TimeUnit.SECONDS.sleep(options.warmSeconds() + options.seconds());
            step.comeToRest(1_000);
            for (Call call : step.calls()) {
                lastOld.addAll(voice.ear(call.slot()).lastOldAfter());
                firstNew.addAll(voice.ear(call.slot()).firstNewAfter());
            }
        }
        ours.settle();
        report.interruptions(Spread.of(lastOld), Spread.of(firstNew));
    }

    /** How fast calls come and go, after this long of the same; on a platform only. */
    void setUps(PlatformDaemon daemon, int warmSeconds, int seconds) throws IOException, InterruptedException {
        SetUps setUps = new SetUps(daemon);
        setUps.alone();
        if (warmSeconds > 0) {
            setUps.rate(warmSeconds);
        }
        report.setUps("alone", setUps.alone());
        report.setUps("64 at once", setUps.atOnce());
        report.rate(setUps.rate(seconds), PlatformDaemon.flushMode());
    }

    /** Both processes, each new. */
    void cold() throws IOException, InterruptedException {
        report.coldHead();
        for (boolean isFloor : new boolean[] {true, false}) {
            Path folder = Files.createTempDirectory("pipecat-load");
            long started = System.nanoTime();
            try (Target fresh = isFloor ? new Floor(folder) : daemon(folder)) {
                report.cold(Cold.run(fresh, started, options.coldCalls(), options.pace()));
            } finally {
                delete(folder);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
