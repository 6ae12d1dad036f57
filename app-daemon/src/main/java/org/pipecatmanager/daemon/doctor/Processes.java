package org.pipecatmanager.daemon.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which process has a port or a file, as Linux tells it to this user; what it does not tell is empty. */
final class Processes {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";
    private static final int SHOWN_CHARS = 60;

    private Processes() {}

    /**
     * A process.
     *
     * @param ours whether it is a daemon of ours
     */
    record Holder(long pid, String program, boolean ours) {
        @Override
        public String toString() {
            return "process " + pid + " (" + program + ")";
        }
    }

    /** Who listens on a port. */
    static Optional<Holder> ofPort(int port) {
        Set<String> sockets = new HashSet<>();
        String wanted = String.format(Locale.ROOT, ":%04X", port);
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : lines(PROC.resolve(table))) {
                String[] fields = line.strip().split("\\s+", -1);
                if (fields.length > 9 && fields[1].endsWith(wanted) && fields[3].equals(LISTENING)) {
                    sockets.add("socket:[" + fields[9] + "]");
                }
            }
        }
        return sockets.isEmpty() ? Optional.empty() : withOpen(sockets);
    }

    /** Who has a lock on a file. */
    static Optional<Holder> ofLock(Path file) {
        Object inode;
        try {
            inode = Files.getAttribute(file, "unix:ino");
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
        for (String line : lines(PROC.resolve("locks"))) {
            // 1: POSIX  ADVISORY  WRITE 1234 08:01:56789 0 EOF
            String[] fields = line.strip().split("\\s+", -1);
            if (fields.length > 5 && fields[5].endsWith(":" + inode)) {
                return holder(fields[4]);
            }
        }
        return Optional.empty();
    }

    private static Optional<Holder> withOpen(Set<String> sockets) {
        try (Stream<Path> processes = Files.list(PROC)) {
            return processes
                    .filter(process -> process.getFileName().toString().chars().allMatch(Character::isDigit))
                    .filter(process -> hasOpen(process.resolve("fd"), sockets))
                    .findFirst()
                    .flatMap(process -> holder(process.getFileName().toString()));
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static boolean hasOpen(Path descriptors, Set<String> sockets) {
        try (Stream<Path> open = Files.list(descriptors)) {
            return open.filter(each -> Files.isSymbolicLink(each)).anyMatch(each -> sockets.contains(target(each)));
        } catch (IOException | UncheckedIOException e) {
            // Another user's, or gone.
            return false;
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static Optional<Holder> holder(String pid) {
        Path process = PROC.resolve(pid);
        if (!Files.isDirectory(process, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        String command = String.join("", lines(process.resolve("cmdline"))).replace('\0', ' ');
        boolean ours = command.contains("org.pipecatmanager.daemon.");
        String program = ours ? "pipecat-manager" : command.strip().split("\\s+", 2)[0];
        if (program.isEmpty()) {
            program = String.join("", lines(process.resolve("comm")));
        }
        return Optional.of(
                new Holder(Long.parseLong(pid), program.substring(0, Math.min(program.length(), SHOWN_CHARS)), ours));
    }

    /** Empty where it cannot be read; what is no text is of no use to us. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }
}
