package org.pipecatmanager.daemon.recordings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.wire.WavHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recordings as WAV files {@code <id>.wav} in one folder, for the owner alone (modes 0700 and 0600).
 *
 * <p>The header is brought up to date with every write, behind the sound: a file can be played after the process was killed, and
 * while the call goes on. What only a power cut can leave, a length that is not the file's, {@link #repair} mends at the start.
 */
public final class WavRecordings implements Recordings {
    private static final Logger LOG = LoggerFactory.getLogger(WavRecordings.class);
    private static final int CHANNELS = 2;
    private static final String SUFFIX = ".wav";

    private final Path folder;
    /** Those that calls of this process still write. */
    private final Set<PipecatcallId> growing = ConcurrentHashMap.newKeySet();

    /** Recordings in a folder, which need not exist yet. */
    public WavRecordings(Path folder) {
        this.folder = folder;
    }

    @Override
    public Recording begin(PipecatcallId id, int sampleRateHz) {
        Path file = file(id);
        // Before the file can be found.
        boolean isNew = growing.add(id);
        boolean begun = false;
        try {
            Files.createDirectories(folder);
            restrict(folder, "rwx------");
            FileChannel channel = FileChannel.open(
                    file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownersOnly());
            Growing recording = new Growing(id, file, channel, WavHeader.of(sampleRateHz, CHANNELS, 0));
            begun = true;
            return recording;
        } catch (FileAlreadyExistsException e) {
            throw new StoreException("call " + id + " has a recording, " + file + "; each call has one", e);
        } catch (IOException e) {
            throw failed(file, e);
        } finally {
            if (isNew && !begun) {
                growing.remove(id);
            }
        }
    }

    @Override
    public Optional<Wav> find(PipecatcallId id) {
        Path file = file(id);
        // Asked before its length: of a complete one that is the last word.
        boolean complete = !growing.contains(id);
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                long bytes = Math.min(channel.size(), WavHeader.BYTES + dataBytes(channel));
                return Optional.of(new Wav(bytes, Channels.newInputStream(channel), complete));
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    @Override
    public int deleteBefore(Instant moment) {
        int deleted = 0;
        for (Path file : files()) {
            try {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(moment)) {
                    deleted += Files.deleteIfExists(file) ? 1 : 0;
                }
            } catch (IOException e) {
                throw failed(file, e);
            }
        }
        return deleted;
    }

    /** Makes every header say what its file holds; before the first recording begins. */
    public void repair() {
        for (Path file : files()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                long data = (channel.size() - WavHeader.BYTES) / (CHANNELS * Short.BYTES) * CHANNELS * Short.BYTES;
                if (data >= 0 && data != dataBytes(channel)) {
                    writeSize(channel, header(channel), data);
                    LOG.warn("recording {} was cut off; it has {} bytes of sound", file, data);
                }
            } catch (IOException e) {
                LOG.warn("recording {} cannot be looked at: {}", file, e.toString());
            }
        }
    }

    private Path file(PipecatcallId id) {
        return folder.resolve(id + SUFFIX);
    }

    private List<Path> files() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(SUFFIX)).toList();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static byte[] header(FileChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(WavHeader.BYTES);
        while (header.hasRemaining() && channel.read(header, header.position()) >= 0) {
            // until it is whole, or the file ends
        }
        return header.array();
    }

    /** What the header says. */
    private static long dataBytes(FileChannel channel) throws IOException {
        return ByteBuffer.wrap(header(channel)).order(ByteOrder.LITTLE_ENDIAN).getInt(WavHeader.BYTES - Integer.BYTES)
                & 0xffff_ffffL;
    }

    private static void writeSize(FileChannel channel, byte[] header, long dataBytes) throws IOException {
        writeFully(channel, ByteBuffer.wrap(WavHeader.resized(header, dataBytes)), 0);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    private static FileAttribute<?>[] ownersOnly() {
        return isPosix()
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static void restrict(Path folder, String permissions) throws IOException {
        if (isPosix()) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        }
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    private static StoreException failed(Path file, IOException e) {
        return new StoreException(file + " cannot be used (" + e.getMessage() + "); is the disk of DATA_DIR full?", e);
    }

    /** A file that a call still writes. */
    private final class Growing implements Recording {
        private final PipecatcallId id;
        private final Path file;
        private final FileChannel channel;
        private final byte[] header;
        private ByteBuffer bytes = ByteBuffer.allocate(64 * 1024).order(ByteOrder.LITTLE_ENDIAN);
        private long data;

        Growing(PipecatcallId id, Path file, FileChannel channel, byte[] header) throws IOException {
            this.id = id;
            this.file = file;
            this.channel = channel;
            this.header = header;
            writeFully(channel, ByteBuffer.wrap(header), 0);
        }

        @Override
        public void write(short[] interleaved, int offset, int length) {
            int more = length * Short.BYTES;
            if (data + more > WavHeader.MAX_DATA_BYTES) {
                throw new StoreException(
                        file + " has " + data + " bytes, the most a WAV file holds; set limits.max_duration", null);
            }
            if (bytes.capacity() < more) {
                bytes = ByteBuffer.allocate(more).order(ByteOrder.LITTLE_ENDIAN);
            }
            bytes.clear().limit(more);
            bytes.asShortBuffer().put(interleaved, offset, length);
            try {
                writeFully(channel, bytes, WavHeader.BYTES + data);
                data += more;
                writeSize(channel, header, data);
            } catch (IOException e) {
                throw failed(file, e);
            }
        }

        @Override
        public void close() {
            growing.remove(id);
            try {
                channel.close();
            } catch (IOException e) {
                throw failed(file, e);
            }
        }
    }
}
