package org.pipecatmanager.load;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The table on a stream, row by row, and everything in a file at the end. */
final class Report {
    private static final String HEAD = """
            calls who    CPU ms/  x floor        up p50/p99/p99.9 ms      down p50/p99/p99.9 ms  spacing   lost   gaps   RSS   alloc  GC max gen.  late
                         call-s                                                                    p99 ms                 MiB   MiB/s     ms cores p99 ms
            """;

    private final PrintStream out;
    private final Map<String, Object> results = new LinkedHashMap<>();

    Report(PrintStream out) {
        this.out = out;
    }

    void machine(Map<String, Object> machine) {
        results.put("machine", machine);
        machine.forEach((key, value) -> out.println(key + ": " + value));
    }

    void mediaHead() {
        out.println();
        out.print(HEAD);
    }

    void badHead() {
        out.println(
                "\nrunner                         calls  spacing p50/p99/p99.9 ms  bunched  silent made up  first audio p50/p99 ms"
                        + "  re-anchored");
    }

    /** A runner that does not speak in real time. */
    void bad(String how, MediaRow row) {
        out.println(format(
                "%-30s %5d %25s %7.1f%% %7d %7d %23s %6d%s",
                how,
                row.calls(),
                spread(row.spacing()),
                row.bunchedPercent(),
                row.silent(),
                row.madeUp(),
                format("%.2f/%.2f", row.firstAudio().p50(), row.firstAudio().p99()),
                row.anchored(),
                remarks(row)));
        out.flush();
    }

    void interruptions(Spread lastOld, Spread firstNew) {
        out.println(format(
                "\ninterruptions: %d; until the last old frame %.1f/%.1f ms (p50/p99), until the first new one %.1f/%.1f ms",
                lastOld.count(), lastOld.p50(), lastOld.p99(), firstNew.p50(), firstNew.p99()));
        results.put("interruptions", Map.of("lastOld", lastOld, "firstNew", firstNew));
    }

    void setUps(String how, SetUps.Times times) {
        out.println(format(
                "\nset-up, %s (%d): RPC answered %s, leg open %s, link open %s, both %s; stop to hangup %s ms (p50/p99)",
                how,
                times.open().count(),
                two(times.answered()),
                two(times.leg()),
                two(times.link()),
                two(times.open()),
                two(times.stopped())));
        results.put("set-up, " + how, times);
    }

    void rate(SetUps.Rate rate, String flushMode) {
        out.println(format(
                "set-up, %d always on their way: %.0f calls/s, %d unsuccessful; %s; cores: %s;"
                        + " CPU ms per call: %s (compilers: %s)",
                rate.outstanding(),
                rate.perSecond(),
                rate.unsuccessful(),
                flushMode,
                shares(rate.cores()),
                shares(rate.cpuMillis()),
                shares(rate.compiling())));
        results.put("set-up rate", rate);
        results.put("database", flushMode);
    }

    private static String shares(Map<String, Double> shares) {
        return shares.entrySet().stream()
                .map(share -> share.getKey() + format(" %.2f", share.getValue()))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String two(Spread spread) {
        return format("%.1f/%.1f", spread.p50(), spread.p99());
    }

    void coldHead() {
        out.println(
                "\ncold   calls  ready s  live s   first 5 s: up p50/p99/max, down            second 5 s: up, down");
    }

    void cold(Cold.Row row) {
        out.println(format(
                "%-6s %5d %8.2f %7.2f  %20s %20s   %20s %20s  gen. late p99 %.2f%s",
                row.who(),
                row.calls(),
                row.readySeconds(),
                row.liveSeconds(),
                withMax(row.firstUp()),
                withMax(row.firstDown()),
                withMax(row.secondUp()),
                withMax(row.secondDown()),
                row.lateP99Millis(),
                (row.readySeconds() > Cold.READY_SECONDS ? "  void: ready after more than 5 s" : "")
                        + (row.failures().isEmpty() ? "" : "  " + row.failures().size() + " broken")));
        out.flush();
        results.put("cold " + row.who(), row);
    }

    private static String withMax(Spread spread) {
        return format("%.2f/%.2f/%.1f", spread.p50(), spread.p99(), spread.max());
    }

    /** A row, and the floor's at as many calls unless it is the floor's. */
    void media(MediaRow row, @Nullable MediaRow floor) {
        String ratio =
                floor == null ? "-" : format("%.2f", row.cpuMillisPerCallSecond() / floor.cpuMillisPerCallSecond());
        out.println(format(
                "%5d %-6s %7.2f %8s %23s %26s %8.2f %6d %6d %5.0f %7.2f %7.2f %5.2f %6.2f%s",
                row.calls(),
                row.who(),
                row.cpuMillisPerCallSecond(),
                ratio,
                spread(row.up()),
                spread(row.down()),
                row.spacing().p99(),
                row.lost() + row.repeated() + row.reordered() + row.unknown(),
                row.silent() + row.madeUp(),
                row.residentMiB(),
                row.allocatedMiBPerSecond(),
                row.pauses().maxMillis(),
                row.generatorCores(),
                row.lateP99Millis(),
                remarks(row)));
        out.flush();
    }

    private static String remarks(MediaRow row) {
        String text = row.isVoid() ? "  void: the generator was late" : "";
        if (row.left() > 0) {
            text += "  " + row.left() + " calls not over";
        }
        return row.failures().isEmpty()
                ? text
                : text + "  " + row.failures().size() + " broken: "
                        + row.failures().getFirst();
    }

    private static String spread(Spread spread) {
        return format("%.2f/%.2f/%.2f", spread.p50(), spread.p99(), spread.p999());
    }

    @FormatMethod
    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    void line(String text) {
        out.println(text);
        out.flush();
    }

    void put(String key, Object value) {
        results.put(key, value);
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(
                file,
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsBytes(results));
        out.println("\nwritten to " + file);
    }
}
