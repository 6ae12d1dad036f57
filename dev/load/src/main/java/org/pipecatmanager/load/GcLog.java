package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The collector's log of a process, read from where it was read last. Written by {@code -Xlog:gc}. */
final class GcLog {
    private static final Pattern PAUSE = Pattern.compile("Pause .* ([0-9.]+)ms$", Pattern.MULTILINE);

    private final Path file;
    private long read;

    GcLog(Path file) {
        this.file = file;
    }

    /** The option that has a Java virtual machine write it; pauses only. */
    static String option(Path file) {
        return "-Xlog:gc:file=" + file + ":uptime:filecount=0";
    }

    /**
     * Pauses.
     *
     * @param count       how many
     * @param totalMillis together
     * @param maxMillis   the longest
     */
    record Pauses(int count, double totalMillis, double maxMillis) {}

    /** Those since the last call. */
    Pauses next() throws IOException {
        if (!Files.exists(file)) {
            return new Pauses(0, 0, 0);
        }
        String text = Files.readString(file);
        Matcher pause = PAUSE.matcher(text.substring((int) Math.min(read, text.length())));
        read = text.length();
        int count = 0;
        double total = 0;
        double max = 0;
        while (pause.find()) {
            double millis = Double.parseDouble(pause.group(1));
            count++;
            total += millis;
            max = Math.max(max, millis);
        }
        return new Pauses(count, total, max);
    }
}
