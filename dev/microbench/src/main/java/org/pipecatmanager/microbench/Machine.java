package org.pipecatmanager.microbench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.util.Version;

/** What figures depend on, for the file they are kept in. */
final class Machine {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final String MODEL = "model name";

    private Machine() {}

    /**
     * Keys in order: {@code processor}, {@code cores}, {@code os}, {@code java}, {@code jmh}, {@code commit}, {@code date},
     * {@code load} (of the last minute before the run), {@code kind}.
     */
    static Map<String, String> describe(String commit, boolean quick) throws IOException {
        var system = ManagementFactory.getOperatingSystemMXBean();
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("processor", processor());
        machine.put("cores", Integer.toString(system.getAvailableProcessors()));
        machine.put("os", System.getProperty("os.name") + " " + release(System.getProperty("os.version")));
        machine.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        machine.put("jmh", Version.getPlainVersion());
        machine.put("commit", commit);
        machine.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        machine.put("load", String.format(Locale.ROOT, "%.1f", system.getSystemLoadAverage()));
        machine.put("kind", quick ? "quick" : "full");
        return machine;
    }

    /** {@code 6.18} of {@code 6.18.44-some-build}: no more matters. */
    private static String release(String version) {
        return version.replaceAll("^(\\d+\\.\\d+).*", "$1");
    }

    private static String processor() throws IOException {
        if (Files.isReadable(CPU_INFO)) {
            for (String line : Files.readAllLines(CPU_INFO)) {
                if (line.startsWith(MODEL)) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch");
    }
}
