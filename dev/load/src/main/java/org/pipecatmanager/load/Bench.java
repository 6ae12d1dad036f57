package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that is measured, in its order. */
final class Bench {
    /** What a warm virtual machine takes: both have compiled what they will. */
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
     */
    record Options(List<Integer> calls, int seconds, int warmSeconds, int firstWarmSeconds, Pace pace) {
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

    /** Runs every step against both processes, one after the other. */
    List<MediaRow> media() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pipecat-load");
        List<MediaRow> rows = new ArrayList<>();
        try (Target floor = new Floor(folder);
                Target ours = new EmbeddedDaemon(folder)) {
            if (options.firstWarmSeconds() > 0) {
                for (Target target : List.of(floor, ours)) {
                    new MediaStep(target, FIRST_WARM_CALLS, options.pace()).run(options.firstWarmSeconds(), 1);
                }
            }
            for (int calls : options.calls()) {
                MediaRow low =
                        new MediaStep(floor, calls, options.pace()).run(options.warmSeconds(), options.seconds());
                rows.add(low);
                report.media(low, null);
                MediaRow high = fromWhenDue(
                        new MediaStep(ours, calls, options.pace()).run(options.warmSeconds(), options.seconds()), low);
                rows.add(high);
                report.media(high, low);
            }
        } finally {
            delete(folder);
        }
        return rows;
    }

    /** A frame cannot arrive when it is due: the least the floor needed from write to read is added to the lateness. */
    private static MediaRow fromWhenDue(MediaRow row, MediaRow floor) {
        return row.withDown(row.down().plus(floor.fastestDownMillis()));
    }

    static void delete(@Nullable Path folder) throws IOException {
        if (folder == null) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
