package com.example.fileevents;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines that starts anew when it is full; the older ones are called {@code FILE.1}, {@code FILE.2} and so on, the oldest
 * goes. One thread at a time.
 *
 * <p><b>Whole lines.</b> A line that cannot be written whole is taken back; where not even that works (the machine stopped), the next
 * one begins on a line of its own.
 *
 * <p>Made so that only its owner may read it, where the file system can say so: events hold what was said.
 */
final class LineFile implements FileEvents.Lines {
    private static final Set<StandardOpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);

    private final Path file;
    private final long maxBytes;
    private final int keep;
    /** Null until the first line, and after a failure until the next. */
    private @Nullable FileChannel channel;
    /** Bytes of whole lines in the file. */
    private long size;

    /**
     * Opens the file, to fail at the start rather than in a call.
     *
     * @param maxBytes size at which a new one is begun; a line that is longer has a file to itself
     * @param keep     how many older ones stay, 0 or more
     * @throws IOException it cannot be opened, or somebody else writes to it
     */
    LineFile(Path file, long maxBytes, int keep) throws IOException {
        this.file = file;
        this.maxBytes = maxBytes;
        this.keep = keep;
        channel = open();
    }

    @Override
    public void append(byte[] line) throws IOException {
        try {
            FileChannel to = channel == null ? open() : channel;
            channel = to;
            if (size > 0 && size + line.length > maxBytes) {
                to.close();
                channel = null;
                makeRoom();
                to = open();
                channel = to;
            }
            write(to, ByteBuffer.wrap(line));
            size += line.length;
        } catch (IOException e) {
            giveUp(e);
            throw e;
        }
    }

    /** Everything written survives a crash of the machine from here on. */
    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try (open) {
                open.force(true);
            }
        }
    }

    private FileChannel open() throws IOException {
        boolean posix = Files.getFileStore(file.toAbsolutePath().getParent()).supportsFileAttributeView("posix");
        FileAttribute<?>[] owner = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        FileChannel opened = FileChannel.open(file, OPTIONS, owner);
        try {
            lock(opened);
            size = opened.size();
            opened.position(size);
            if (size > 0 && !endsWithLine(opened)) {
                write(opened, ByteBuffer.wrap(new byte[] {'\n'}));
                size++;
            }
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /** Held until the channel is closed: two writers would write over each other. */
    private void lock(FileChannel opened) throws IOException {
        try {
            if (opened.tryLock() != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            throw new IOException(file + " is written to elsewhere in this process; give each writer its own file", e);
        }
        throw new IOException(file + " is written to by another process; give each writer its own file");
    }

    private boolean endsWithLine(FileChannel opened) throws IOException {
        var last = ByteBuffer.allocate(1);
        return opened.read(last, size - 1) == 1 && last.get(0) == '\n';
    }

    private static void write(FileChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    private void makeRoom() throws IOException {
        for (int n = keep; n > 0; n--) {
            Path from = n == 1 ? file : older(n - 1);
            if (Files.exists(from)) {
                Files.move(from, older(n), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.deleteIfExists(file);
    }

    private Path older(int n) {
        return file.resolveSibling(file.getFileName() + "." + n);
    }

    private void giveUp(IOException why) {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try (open) {
                open.truncate(size);
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
    }
}
