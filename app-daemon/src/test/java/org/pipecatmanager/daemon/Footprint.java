package org.pipecatmanager.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Java process on this Linux holds: open file descriptors, and threads, platform and virtual, by the kind their names
 * tell, with ids and numbers taken out.
 */
record Footprint(int descriptors, Map<String, Integer> threads) {
    /** Pools that grow with what is done at once and shrink when idle, and what the JDK starts on first use: nobody's call. */
    private static final Set<String> POOLS = Set.of(
            "http-io-#",
            "HttpClient-#-Worker-#",
            "ForkJoinPool-#-worker-#",
            "ForkJoinPool-#-delayScheduler",
            "VirtualThread-unblocker");

    private static final Pattern NUMBERS = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\\d+");
    private static final Pattern THREAD = Pattern.compile("^#\\d+ \"([^\"]*)\"", Pattern.MULTILINE);

    static Footprint of(long pid) throws IOException, InterruptedException {
        Path dump = Files.createTempFile("threads", ".txt");
        try {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(pid),
                            "Thread.dump_to_file",
                            "-overwrite",
                            dump.toString())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (jcmd.waitFor() != 0) {
                throw new IOException("no thread dump of " + pid + ": " + said);
            }
            Map<String, Integer> threads = new TreeMap<>();
            Matcher thread = THREAD.matcher(Files.readString(dump));
            while (thread.find()) {
                threads.merge(NUMBERS.matcher(thread.group(1)).replaceAll("#"), 1, Integer::sum);
            }
            if (threads.isEmpty()) {
                throw new IOException("the thread dump of " + pid + " names no thread");
            }
            return new Footprint(descriptors(pid), threads);
        } finally {
            Files.delete(dump);
        }
    }

    private static int descriptors(long pid) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return (int) open.count();
        }
    }

    /** What there is more of than before; empty when nothing is. */
    Set<String> growth(Footprint before) {
        Set<String> more = new TreeSet<>();
        if (descriptors > before.descriptors) {
            more.add(descriptors + " descriptors, were " + before.descriptors);
        }
        threads.forEach((kind, count) -> {
            int was = before.threads.getOrDefault(kind, 0);
            if (count > was && !POOLS.contains(kind)) {
                more.add(count + " threads " + kind + ", were " + was);
            }
        });
        return more;
    }
}
