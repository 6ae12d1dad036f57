package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.StoreMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries on disk, in order, while the database is away: {@code spool/<instance>-NNNNNNNN.log} in the data folder.
 *
 * <p><b>Bounds.</b> In bytes, over all files; what does not fit stays where it is. Segments are deleted when all of them is
 * written; a crash in between writes a segment again, which changes nothing.
 *
 * <p><b>Threads.</b> One. One process per folder, kept so by a lock on {@code spool/lock}.
 */
final class Spool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    /** Instance ids become part of a file name. */
    private static final Pattern NOT_A_NAME = Pattern.compile("[^A-Za-z0-9_.-]");
    /** Segments the bound is divided into; a written one frees its share. */
    private static final int SEGMENTS = 32;

    private final Path directory;
    private final HostInstance self;
    private final long maxBytes;
    private final StoreMeter meter;
    private final FileChannel lockFile;
    /** Of earlier processes, oldest first. */
    private final ArrayDeque<SpoolSegment> leftovers = new ArrayDeque<>();
    /** Of this process, oldest first. */
    private final ArrayDeque<SpoolSegment> own = new ArrayDeque<>();

    /** Of an empty segment. */
    private final int headerBytes;

    private int lastSegment;

    /**
     * Opens the folder, or makes it.
     *
     * @param maxBytes of all files together
     * @throws StoreException the folder cannot be used, or another process uses it
     */
    static Spool open(Path dataDirectory, HostInstance self, long maxBytes, StoreMeter meter) {
        var directory = dataDirectory.resolve("spool");
        try {
            PrivateFiles.directory(directory);
            var lockFile = locked(directory);
            try {
                return new Spool(directory, self, maxBytes, meter, lockFile);
            } catch (IOException | RuntimeException e) {
                lockFile.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException(
                    "the spool " + directory + " cannot be used: " + e.getMessage()
                            + "; make DATA_DIR writable for this user, or move the file named away",
                    e);
        }
    }

    private Spool(Path directory, HostInstance self, long maxBytes, StoreMeter meter, FileChannel lockFile)
            throws IOException {
        this.directory = directory;
        this.self = self;
        this.maxBytes = maxBytes;
        this.meter = meter;
        this.lockFile = lockFile;
        headerBytes = SpoolSegment.FRAME_HEADER_BYTES + EntryCodec.header(self).length;
        for (var file : segmentFiles(directory)) {
            var segment = SpoolSegment.open(file, meter);
            if (segment == null) {
                Files.delete(file);
            } else {
                leftovers.add(segment);
            }
        }
        meter.spooled(bytes());
    }

    private static FileChannel locked(Path directory) throws IOException {
        var path = directory.resolve("lock");
        if (Files.notExists(path)) {
            PrivateFiles.create(path);
        }
        var file = FileChannel.open(path, StandardOpenOption.WRITE);
        @Nullable FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        } catch (IOException e) {
            file.close();
            throw e;
        }
        if (lock == null) {
            file.close();
            throw new StoreException(
                    "the spool " + directory + " is used by another process; give each daemon a DATA_DIR of its own",
                    null);
        }
        return file;
    }

    private static List<Path> segmentFiles(Path directory) throws IOException {
        var files = new ArrayList<Path>();
        try (var found = Files.newDirectoryStream(directory, "*.log")) {
            found.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    /**
     * Appends, forced to disk.
     *
     * @param unfit hears of entries that cannot be written as text; they are dropped and count as taken
     * @return how many of them, from the first on, found room
     */
    int append(List<Stamped> entries, Consumer<Stamped> unfit) throws IOException {
        var payloads = new ArrayList<byte[]>();
        long left = maxBytes - bytes() - (needsSegment() ? headerBytes : 0);
        int taken = 0;
        for (var entry : entries) {
            var payload = payload(entry);
            if (payload == null) {
                unfit.accept(entry);
            } else {
                left -= SpoolSegment.FRAME_HEADER_BYTES + payload.length;
                if (left < 0) {
                    break;
                }
                payloads.add(payload);
            }
            taken++;
        }
        if (!payloads.isEmpty()) {
            current().append(SpoolSegment.frames(payloads));
            meter.spooled(bytes());
        }
        return taken;
    }

    private byte @Nullable [] payload(Stamped stamped) {
        try {
            return EntryCodec.encode(stamped);
        } catch (RuntimeException e) {
            // The message of the exception may quote what was said.
            LOG.error(
                    "the {} of call {} is dropped: it cannot be written as JSON ({})",
                    stamped.entry().kind(),
                    stamped.entry().call(),
                    e.getClass().getName());
            meter.refused(stamped.entry().kind());
            return null;
        }
    }

    private boolean needsSegment() {
        var last = own.peekLast();
        return last == null || last.size() >= maxBytes / SEGMENTS;
    }

    private SpoolSegment current() throws IOException {
        var last = own.peekLast();
        if (last != null && !needsSegment()) {
            return last;
        }
        var name = String.format(
                Locale.ROOT,
                "%s-%08d.log",
                NOT_A_NAME.matcher(self.instanceId()).replaceAll("_"),
                ++lastSegment);
        var segment = SpoolSegment.create(directory.resolve(name), self, meter);
        PrivateFiles.force(directory);
        own.addLast(segment);
        return segment;
    }

    /** Whether nothing of this process waits here. */
    boolean isEmpty() {
        return own.isEmpty();
    }

    /** The oldest entries of this process, which stay until {@link #advance}. */
    SpoolSegment.Chunk read(int limit) throws IOException {
        var oldest = own.peekFirst();
        return oldest == null ? new SpoolSegment.Chunk(List.of(), 0) : oldest.read(limit);
    }

    /** Everything before {@code next} of what was read last is written. */
    void advance(long next) {
        advance(own, next);
    }

    /** The oldest segment an earlier process left, or null. */
    @Nullable
    SpoolSegment leftover() {
        return leftovers.peekFirst();
    }

    /** The same as {@link #advance} for {@link #leftover}. */
    void advanceLeftover(long next) {
        advance(leftovers, next);
    }

    private void advance(ArrayDeque<SpoolSegment> segments, long next) {
        var oldest = segments.peekFirst();
        if (oldest == null) {
            return;
        }
        oldest.moveTo(next);
        if (oldest.isExhausted()) {
            segments.removeFirst();
            oldest.delete();
            meter.spooled(bytes());
        }
    }

    /** Length of all files, bytes. */
    long bytes() {
        long sum = 0;
        for (var segment : leftovers) {
            sum += segment.size();
        }
        for (var segment : own) {
            sum += segment.size();
        }
        return sum;
    }

    long maxBytes() {
        return maxBytes;
    }

    /** Closes the files, which stay, and lets another process have the folder. */
    @Override
    public void close() {
        own.forEach(SpoolSegment::close);
        leftovers.forEach(SpoolSegment::close);
        try {
            lockFile.close();
        } catch (IOException e) {
            LOG.warn("The lock of {} could not be closed: {}", directory, e.toString());
        }
    }
}
