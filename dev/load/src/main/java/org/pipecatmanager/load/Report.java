package org.pipecatmanager.load;

import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The table on a stream, row by row, and everything in a file at the end. */
final class Report {
    private static final String HEAD = """
            calls who    CPU ms/  x floor        up p50/p99/p99.9 ms      down p50/p99/p99.9 ms  spacing   lost silent   RSS   alloc  GC max gen.  late
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
        out.println();
        out.print(HEAD);
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
                row.silent(),
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
