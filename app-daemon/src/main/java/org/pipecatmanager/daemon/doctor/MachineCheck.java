package org.pipecatmanager.daemon.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.pipecatmanager.daemon.config.DaemonConfig;

/** What the machine gives: Java, file descriptors, the data folder. */
final class MachineCheck {
    private static final String AREA = "machine";
    private static final String FOLDER = "data dir";
    private static final int LEAST_JAVA = 25;
    /** A leg, and one or two links to the runner. */
    private static final int DESCRIPTORS_PER_CALL = 3;
    /** Jars, listeners, logs, connections to services and of the API. */
    private static final int DESCRIPTORS_BESIDE = 256;

    private static final long MEBIBYTE = 1024L * 1024;
    /** What an embedded database needs to be compacted, and what the spool of a platform may grow to (256 MiB), about. */
    static final long NEEDED_BYTES = 300 * MEBIBYTE;
    /** Days and not months, at some hundred calls a day. */
    static final long COMFORTABLE_BYTES = 1024 * MEBIBYTE;

    private MachineCheck() {}

    /** What the system allows this process, and would allow the daemon. */
    static List<Finding> limits(DaemonConfig config) {
        return descriptors(limit(Path.of("/proc/self/limits")), config.maxSessions());
    }

    static Finding java(Runtime.Version version) {
        return version.feature() >= LEAST_JAVA
                ? Finding.ok(AREA, "Java can be used", version.toString())
                : Finding.problem(
                        AREA, "this Java is too old", version.toString(), "install Java " + LEAST_JAVA + " or later");
    }

    /**
     * Java raises its limit to what the shell allows it, and the daemon's does so too.
     *
     * @param limit -1 where it is not known or there is none
     */
    static List<Finding> descriptors(long limit, int maxSessions) {
        long needed = (long) DESCRIPTORS_PER_CALL * maxSessions + DESCRIPTORS_BESIDE;
        if (limit < 0) {
            return List.of();
        }
        String value = limit + " open files, MAX_SESSIONS=" + maxSessions + " needs about " + needed;
        return List.of(
                limit >= needed
                        ? Finding.ok(AREA, "enough files may be open", value)
                        : Finding.problem(
                                AREA,
                                "fewer files may be open than MAX_SESSIONS calls need",
                                value,
                                "raise the limit (systemd: LimitNOFILE=65536, a shell: ulimit -n), or lower MAX_SESSIONS"));
    }

    private static long limit(Path limits) {
        try {
            return Files.readAllLines(limits).stream()
                    .filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s{2,}", -1)[1])
                    .mapToLong(text -> text.equals("unlimited") ? -1 : Long.parseLong(text))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    /** The folder of the daemon's files. It is looked at and not written to. */
    static List<Finding> folder(Path folder) {
        Path there = folder.toAbsolutePath().normalize();
        while (!Files.exists(there)) {
            Path parent = there.getParent();
            if (parent == null) {
                break;
            }
            there = parent;
        }
        if (!Files.isDirectory(there)) {
            return List.of(Finding.problem(
                    FOLDER,
                    "DATA_DIR cannot be made: " + there + " is no folder",
                    folder.toString(),
                    "set DATA_DIR to a folder that this user may write"));
        }
        if (!Files.isWritable(there)) {
            return List.of(Finding.problem(
                    FOLDER,
                    "DATA_DIR cannot be written by this user, or its file system is read-only",
                    there + (there.equals(folder.toAbsolutePath().normalize()) ? "" : ", for " + folder),
                    "give the folder to the daemon's user (chown), mount a volume there, or set DATA_DIR to another"));
        }
        try {
            return List.of(space(there, Files.getFileStore(there).getUsableSpace()));
        } catch (IOException e) {
            return List.of(Finding.ok(FOLDER, "can be written", there.toString()));
        }
    }

    static Finding space(Path folder, long usable) {
        String value = folder + ", " + usable / MEBIBYTE + " MiB free";
        String remedy = "make room, lower TRANSCRIPT_RETENTION, or set DATA_DIR to a larger disk";
        if (usable < NEEDED_BYTES) {
            return Finding.problem(
                    FOLDER, "the disk of DATA_DIR is full, or nearly: calls will not be kept", value, remedy);
        }
        return usable < COMFORTABLE_BYTES
                ? Finding.warning(FOLDER, "the disk of DATA_DIR has little room", value, remedy)
                : Finding.ok(FOLDER, "can be written", value);
    }
}
