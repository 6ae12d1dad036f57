package org.pipecatmanager.load;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code make load}. Ends with 1 when a frame was lost or something was left open, 3 when the generator was late. */
@Command(name = "load", mixinStandardHelpOptions = true, description = "Measures the daemon beside a bare relay.")
public final class Main implements Callable<Integer> {
    private static final int LOST = 1;
    private static final int VOID = 3;

    @Option(names = "--calls", split = "[ ,]+", defaultValue = "10,50,100,200,400", description = "the steps")
    private List<Integer> calls = List.of();

    @Option(names = "--seconds", defaultValue = "8", description = "measured per step")
    private int seconds;

    @Option(names = "--warm-seconds", defaultValue = "3", description = "before each step")
    private int warmSeconds;

    @Option(names = "--first-warm-seconds", defaultValue = "10", description = "once, with 200 calls; 0 for none")
    private int firstWarmSeconds;

    @Option(names = "--setup-warm-seconds", defaultValue = "40", description = "of set-ups before theirs are measured")
    private int setupWarmSeconds;

    @Option(names = "--setup-seconds", defaultValue = "10", description = "as many set-ups as go")
    private int setupSeconds;

    @Option(names = "--chunk-ms", defaultValue = "20", description = "what the runner sends at once")
    private int chunkMillis;

    @Option(names = "--lead-ms", defaultValue = "100", description = "how far ahead the runner speaks")
    private int leadMillis;

    @Option(names = "--embedded", description = "the embedded default instead of the platform's adapters")
    private boolean embedded;

    @Option(names = "--cold-calls", defaultValue = "400", description = "at once, to a process that is new")
    private int coldCalls;

    @Option(names = "--bad-calls", defaultValue = "200", description = "with runners that burst or stumble")
    private int badCalls;

    @Option(
            names = "--only",
            split = "[ ,]+",
            description = "parts to measure: ${COMPLETION-CANDIDATES} (default: all)")
    private Set<Measured> only = EnumSet.allOf(Measured.class);

    @Option(names = "--out", description = "the file (default: build/load/<time>.json)")
    private Path out = Bench.home()
            .resolve("build/load")
            .resolve(LocalDateTime.now(ZoneId.systemDefault())
                            .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT))
                    + ".json");

    /** What can be measured. */
    enum Measured {
        media,
        bad,
        interruptions,
        setup,
        cold
    }

    private Main() {}

    /** Runs it. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Report report = new Report(System.out);
        var options = new Bench.Options(
                calls,
                seconds,
                warmSeconds,
                firstWarmSeconds,
                new Pace(chunkMillis, leadMillis),
                embedded,
                coldCalls,
                badCalls);
        report.machine(Machine.describe());
        Bench bench = new Bench(options, report);
        List<MediaRow> rows = new ArrayList<>();
        List<Bench.Part> parts = new ArrayList<>();
        if (only.contains(Measured.media)) {
            parts.add((ours, floor) -> rows.addAll(bench.media(ours, floor)));
        }
        List<MediaRow> bursts = new ArrayList<>();
        if (only.contains(Measured.bad)) {
            parts.add((ours, floor) -> {
                bursts.add(bench.bursts(ours));
                rows.addAll(bench.grantedRunners(ours));
            });
        }
        if (only.contains(Measured.interruptions)) {
            parts.add((ours, floor) -> bench.interruptions(ours));
        }
        if (only.contains(Measured.setup) && !embedded) {
            parts.add((ours, floor) -> bench.setUps((PlatformDaemon) ours, setupWarmSeconds, setupSeconds));
        }
        if (!parts.isEmpty()) {
            bench.warm(parts);
        }
        if (only.contains(Measured.cold)) {
            bench.cold();
        }
        report.write(out);
        if (!rows.stream().allMatch(MediaRow::isClean) || !bursts.stream().allMatch(MediaRow::isWhole)) {
            return LOST;
        }
        return rows.stream().anyMatch(MediaRow::isVoid) ? VOID : 0;
    }
}
