package org.pipecatmanager.microbench;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A run for reading, beside the baseline. */
final class Table {
    /** Nanoseconds of a frame. */
    private static final double FRAME_NANOS = 20_000_000;
    /** What differs by less from run to run on a quiet machine. */
    private static final double NOTABLE = 0.15;

    private static final String ROW = "%-44s %11s %9s %10s %8s %11s %7s  %s%n";

    private Table() {}

    /**
     * The table.
     *
     * @param perFrame names of the benchmarks whose operation is a frame of 20 ms
     */
    static String of(Report run, Report baseline, Set<String> perFrame) {
        var table = new StringBuilder(
                String.format(Locale.ROOT, ROW, "", "ns", "±", "x rt", "bytes", "baseline", "ratio", ""));
        for (Map.Entry<String, Measured> entry : run.benchmarks().entrySet()) {
            Measured now = entry.getValue();
            Measured before = baseline.benchmarks().get(entry.getKey());
            double ratio = before == null ? 1 : now.nanos() / before.nanos();
            table.append(String.format(
                                    Locale.ROOT,
                                    ROW,
                                    entry.getKey(),
                                    decimal(now.nanos(), 1),
                                    decimal(now.spread(), 1),
                                    perFrame.contains(entry.getKey()) ? decimal(FRAME_NANOS / now.nanos(), 0) : "",
                                    decimal(now.bytes(), 1),
                                    before == null ? "-" : decimal(before.nanos(), 1),
                                    before == null ? "-" : decimal(ratio, 2),
                                    verdict(ratio))
                            .stripTrailing())
                    .append(System.lineSeparator());
        }
        return table.toString();
    }

    private static String verdict(double ratio) {
        if (ratio > 1 + NOTABLE) {
            return "slower";
        }
        return ratio < 1 - NOTABLE ? "faster" : "";
    }

    private static String decimal(double value, int places) {
        return String.format(Locale.ROOT, "%,." + places + "f", value);
    }
}
