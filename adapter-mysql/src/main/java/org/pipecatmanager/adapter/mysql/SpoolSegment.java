package org.pipecatmanager.adapter.mysql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.out.StoreMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of the spool: frames of length (4 bytes), CRC-32C of the payload (4 bytes) and payload, big-endian; the first
 * payload says whose entries follow.
 *
 * <p>What a crash left half written at the end is recognised by length or checksum and cut off, with everything behind it.
 *
 * <p><b>Threads.</b> One.
 */
final class SpoolSegment implements AutoCloseable {
    /** Before each payload, bytes. */
    static final int FRAME_HEADER_BYTES = 2 * Integer.BYTES;

    private static final Logger LOG = LoggerFactory.getLogger(SpoolSegment.class);
    /** Far above any entry; a longer one is a damaged length. */
    private static final int MAX_PAYLOAD_BYTES = 64 << 20;

    private final Path file;
    private final FileChannel channel;
    private final HostInstance owner;
    private final StoreMeter meter;
    private long size;
    private long position;

    /**
     * Entries from where reading stands.
     *
     * @param next where reading stands after them
     */
    record Chunk(List<Stamped> entries, long next) {}

    private SpoolSegment(Path file, FileChannel channel, HostInstance owner, long size, StoreMeter meter) {
        this.file = file;
        this.channel = channel;
        this.owner = owner;
        this.size = size;
        this.position = size;
        this.meter = meter;
    }

    /** A new, empty one. */
    static SpoolSegment create(Path file, HostInstance owner, StoreMeter meter) throws IOException {
        PrivateFiles.create(file);
        var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            var header = EntryCodec.header(owner);
            var segment = new SpoolSegment(file, channel, owner, 0, meter);
            segment.append(frames(List.of(header)));
            segment.position = segment.size;
            return segment;
        } catch (IOException e) {
            channel.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** One that is there; null when not even its first frame is whole: then nothing was ever in it. */
    static @Nullable SpoolSegment open(Path file, StoreMeter meter) throws IOException {
        var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            long size = channel.size();
            byte @Nullable [] header = payload(channel, 0, size);
            if (header == null) {
                channel.close();
                return null;
            }
            var segment = new SpoolSegment(file, channel, EntryCodec.owner(header), size, meter);
            segment.position = (long) FRAME_HEADER_BYTES + header.length;
            return segment;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException(file + " cannot be read as a spool segment: " + e.getMessage(), e);
        }
    }

    /** Payloads as they stand in the file. */
    static ByteBuffer frames(List<byte[]> payloads) {
        int length = 0;
        for (var payload : payloads) {
            length += FRAME_HEADER_BYTES + payload.length;
        }
        var frames = ByteBuffer.allocate(length);
        for (var payload : payloads) {
            frames.putInt(payload.length).putInt(checksum(payload)).put(payload);
        }
        return frames.flip();
    }

    /** Appends and forces to disk; a failure leaves the segment as it was. */
    void append(ByteBuffer frames) throws IOException {
        long before = size;
        try {
            long at = size;
            while (frames.hasRemaining()) {
                at += channel.write(frames, at);
            }
            channel.force(false);
            size = at;
        } catch (IOException e) {
            try {
                channel.truncate(before);
            } catch (IOException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    /** The next entries, without moving on; those that cannot be understood are counted and left out. */
    Chunk read(int limit) throws IOException {
        var entries = new ArrayList<Stamped>();
        long at = position;
        while (entries.size() < limit && at < size) {
            byte @Nullable [] payload = payload(channel, at, size);
            if (payload == null) {
                cutAt(at);
                break;
            }
            at += FRAME_HEADER_BYTES + payload.length;
            try {
                entries.add(EntryCodec.decode(payload));
            } catch (RuntimeException e) {
                // The message of the exception may quote what was said.
                LOG.error(
                        "An entry of {} before byte {} cannot be understood ({}) and is dropped",
                        file,
                        at,
                        e.getClass().getName());
                meter.refused("unreadable");
            }
        }
        return new Chunk(entries, at);
    }

    /** Reading goes on there. */
    void moveTo(long next) {
        position = next;
    }

    boolean isExhausted() {
        return position >= size;
    }

    /** Length of the file, bytes. */
    long size() {
        return size;
    }

    HostInstance owner() {
        return owner;
    }

    /** Closes and deletes it; its entries are somewhere else now. */
    void delete() {
        close();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.error(
                    "{} cannot be deleted ({}) though all of it is in the database; delete it by hand, or the next start"
                            + " writes it again",
                    file,
                    e.toString());
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("{} could not be closed: {}", file, e.toString());
        }
    }

    private void cutAt(long end) throws IOException {
        LOG.warn(
                "{} ends in {} bytes that were not written whole (a crash); they are cut off at byte {}",
                file,
                size - end,
                end);
        meter.spoolCut(size - end);
        channel.truncate(end);
        size = end;
    }

    /** The payload of the frame there, or null when it is not whole. */
    private static byte @Nullable [] payload(FileChannel channel, long at, long size) throws IOException {
        var header = ByteBuffer.allocate(FRAME_HEADER_BYTES);
        if (at + FRAME_HEADER_BYTES > size || !readFully(channel, header, at)) {
            return null;
        }
        int length = header.getInt();
        int checksum = header.getInt();
        if (length <= 0 || length > MAX_PAYLOAD_BYTES || at + FRAME_HEADER_BYTES + length > size) {
            return null;
        }
        var payload = ByteBuffer.allocate(length);
        if (!readFully(channel, payload, at + FRAME_HEADER_BYTES)) {
            return null;
        }
        return checksum(payload.array()) == checksum ? payload.array() : null;
    }

    private static boolean readFully(FileChannel channel, ByteBuffer into, long from) throws IOException {
        long at = from;
        while (into.hasRemaining()) {
            int count = channel.read(into, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        into.flip();
        return true;
    }

    private static int checksum(byte[] payload) {
        var crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }
}
