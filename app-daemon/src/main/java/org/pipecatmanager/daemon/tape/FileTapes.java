package org.pipecatmanager.daemon.tape;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tapes of the calls that run, and the thread that writes them: one file each, {@code <id>.tape}, readable by its owner alone.
 *
 * <p><b>Bound.</b> A file holds {@value #MAX_FILE_BYTES} bytes, then says that it is full and ends; the call goes on.
 */
final class FileTapes implements Tapes {
    /** Speech of 20 minutes, and of much longer where there is silence. */
    static final long MAX_FILE_BYTES = 64L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(FileTapes.class);
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** What a daemon that dies loses of a tape. */
    private static final long FLUSH_NANOS = Duration.ofSeconds(1).toNanos();

    private final Path folder;
    private final Map<String, Object> about;
    private final TimeSource time;
    private final long maxFileBytes;
    private final Map<PipecatcallId, Tape> tapes = new ConcurrentHashMap<>();
    /** The writer's thread's own. */
    private final Map<PipecatcallId, Open> files = new HashMap<>();

    private final Thread writer;
    private volatile boolean closing;

    /**
     * Begins to write.
     *
     * @param folder made when it is missing
     * @param about  what every header says
     */
    FileTapes(Path folder, Map<String, Object> about, TimeSource time) {
        this(folder, about, time, MAX_FILE_BYTES);
    }

    FileTapes(Path folder, Map<String, Object> about, TimeSource time, long maxFileBytes) {
        this.folder = folder;
        this.about = Map.copyOf(about);
        this.time = time;
        this.maxFileBytes = maxFileBytes;
        this.writer = Thread.ofPlatform().name("tape-writer").daemon().start(this::serve);
    }

    @Override
    public Tape begun(PipecatcallId id) {
        return tapes.computeIfAbsent(id, key -> new Tape(key, time));
    }

    @Override
    public @Nullable Tape find(PipecatcallId id) {
        return tapes.get(id);
    }

    private void serve() {
        while (!closing) {
            round();
            LockSupport.parkNanos(this, ROUND_NANOS);
        }
        round();
        for (Open file : files.values()) {
            close(file);
        }
    }

    private void round() {
        Iterator<Tape> each = tapes.values().iterator();
        while (each.hasNext()) {
            Tape tape = each.next();
            // Asked before the rest is taken: what was added before it was over is written.
            boolean over = tape.isOver();
            if (!tape.isStopped()) {
                write(tape);
            }
            if (over) {
                each.remove();
                Open file = files.remove(tape.id());
                if (file != null) {
                    close(file);
                }
            }
        }
    }

    private void write(Tape tape) {
        try {
            Open file = files.get(tape.id());
            if (file == null) {
                file = open(tape);
                files.put(tape.id(), file);
            }
            file.write(tape);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn(
                    "the tape of call {} ends here: {} cannot be written ({}); is the disk of TAPE_DIR full?",
                    tape.id(),
                    folder,
                    e.getMessage());
            tape.stop();
        }
    }

    private Open open(Tape tape) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] own = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.createDirectories(folder);
        OutputStream out = Channels.newOutputStream(FileChannel.open(
                folder.resolve(tape.id() + ".tape"),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE),
                own));
        Open file = new Open(new TapeWriter(out));
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("tape", TapeReader.FORMAT);
        header.put("call", tape.id().toString());
        header.put("at", time.now().toString());
        header.putAll(about);
        file.writer.write(new Entry(0, Kind.HEADER, header));
        return file;
    }

    private static void close(Open file) {
        try {
            file.writer.close();
        } catch (IOException e) {
            LOG.warn("a tape could not be ended ({})", e.getMessage());
        }
    }

    /** Writes what there is and ends all tapes; waits for that some seconds at most. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(writer);
        try {
            writer.join(Duration.ofSeconds(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Open {
        private final TapeWriter writer;
        private long flushed = time.nanoTime();
        private long last;
        private boolean full;

        Open(TapeWriter writer) {
            this.writer = writer;
        }

        void write(Tape tape) throws IOException {
            for (Entry entry = tape.take(); entry != null && !full; entry = tape.take()) {
                writer.write(entry);
                last = entry.nanos();
                if (writer.size() > maxFileBytes) {
                    full = true;
                    writer.write(new Entry(last, Kind.FULL, Map.of()));
                    tape.stop();
                }
            }
            int lost = tape.takeLost();
            if (lost > 0 && !full) {
                writer.write(new Entry(last, Kind.LOST, Map.of("entries", lost)));
            }
            if (time.nanoTime() - flushed > FLUSH_NANOS) {
                writer.flush();
                flushed = time.nanoTime();
            }
        }
    }
}
