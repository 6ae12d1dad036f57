package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the operating system says of a process. Linux only: reads /proc. */
final class ProcessFigures {
    /** The kernel's USER_HZ, which is 100 wherever Java 25 runs on Linux. */
    private static final double TICK_MILLIS = 10;

    private static final int USER_FIELD = 11;
    /** As the kernel shortens the names of HotSpot's. */
    private static final Pattern COMPILER = Pattern.compile("\\(C[12] CompilerThre");

    private final Path folder;

    ProcessFigures(long pid) {
        folder = Path.of("/proc", Long.toString(pid));
    }

    /** Processor time of all its threads, user and system, those that have ended included. */
    double cpuMillis() throws IOException {
        return cpuMillis(Files.readString(folder.resolve("stat")));
    }

    /** Of that what the compilers of a Java virtual machine took, which end when it does. */
    double compilerMillis() throws IOException {
        double millis = 0;
        try (Stream<Path> threads = Files.list(folder.resolve("task"))) {
            for (Path thread : threads.toList()) {
                String stat = stat(thread);
                millis += COMPILER.matcher(stat).find() ? cpuMillis(stat) : 0;
            }
        }
        return millis;
    }

    /** Empty when the thread has ended since the folder was read. */
    private static String stat(Path thread) throws IOException {
        try {
            return Files.readString(thread.resolve("stat"));
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private static double cpuMillis(String stat) {
        // The name may hold anything; what follows its last parenthesis is fields.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return TICK_MILLIS * (Long.parseLong(fields[USER_FIELD]) + Long.parseLong(fields[USER_FIELD + 1]));
    }

    double residentMiB() throws IOException {
        return status("VmRSS:") / 1024.0;
    }

    double peakResidentMiB() throws IOException {
        return status("VmHWM:") / 1024.0;
    }

    int threads() throws IOException {
        return (int) status("Threads:");
    }

    /** Open sockets. */
    int sockets() throws IOException {
        int count = 0;
        try (Stream<Path> descriptors = Files.list(folder.resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                // One that was closed since the folder was read is not open.
                count += Files.isSymbolicLink(descriptor)
                                && Files.readSymbolicLink(descriptor).toString().startsWith("socket:")
                        ? 1
                        : 0;
            }
        }
        return count;
    }

    private long status(String key) throws IOException {
        return Files.readAllLines(folder.resolve("status")).stream()
                .filter(line -> line.startsWith(key))
                .mapToLong(line ->
                        Long.parseLong(line.substring(key.length()).strip().split(" ", -1)[0]))
                .findFirst()
                .orElse(0);
    }
}
