package org.pipecatmanager.ports.memory;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.WavHeader;

/** Recordings in memory, for tests and small embedders: what does not fit is refused. Safe for all threads, never blocks. */
public final class InMemoryRecordings implements Recordings {
    private final long capacityBytes;
    private final TimeSource time;
    private final Map<PipecatcallId, Kept> kept = new LinkedHashMap<>();
    private long usedBytes;

    /**
     * Makes an empty one.
     *
     * @param capacityBytes sound kept, all recordings together
     */
    public InMemoryRecordings(long capacityBytes, TimeSource time) {
        this.capacityBytes = capacityBytes;
        this.time = time;
    }

    @Override
    public Recording begin(PipecatcallId id, int sampleRateHz) {
        synchronized (kept) {
            Kept recording = new Kept(sampleRateHz, time.now());
            if (kept.putIfAbsent(id, recording) != null) {
                throw new StoreException("call " + id + " has a recording; each call has one", null);
            }
            return recording;
        }
    }

    @Override
    public Optional<Wav> find(PipecatcallId id) {
        synchronized (kept) {
            return Optional.ofNullable(kept.get(id)).map(Kept::wav);
        }
    }

    @Override
    public int deleteBefore(Instant moment) {
        synchronized (kept) {
            int before = kept.size();
            kept.values().removeIf(each -> {
                boolean old = each.writtenAt.isBefore(moment);
                usedBytes -= old ? each.sound.size() : 0;
                return old;
            });
            return before - kept.size();
        }
    }

    private final class Kept implements Recording {
        private final int sampleRateHz;
        private final ByteArrayOutputStream sound = new ByteArrayOutputStream();
        private Instant writtenAt;
        private boolean complete;

        Kept(int sampleRateHz, Instant now) {
            this.sampleRateHz = sampleRateHz;
            this.writtenAt = now;
        }

        @Override
        public void write(short[] interleaved, int offset, int length) {
            ByteBuffer bytes = ByteBuffer.allocate(length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asShortBuffer().put(interleaved, offset, length);
            synchronized (kept) {
                if (usedBytes + bytes.capacity() > capacityBytes) {
                    throw new StoreException(
                            "recordings have " + usedBytes + " of " + capacityBytes + " bytes; give them more, or keep"
                                    + " them for a shorter time",
                            null);
                }
                usedBytes += bytes.capacity();
                sound.write(bytes.array(), 0, bytes.capacity());
                writtenAt = time.now();
            }
        }

        @Override
        public void close() {
            synchronized (kept) {
                complete = true;
            }
        }

        private Wav wav() {
            byte[] header = WavHeader.of(sampleRateHz, 2, sound.size());
            byte[] file = ByteBuffer.allocate(header.length + sound.size())
                    .put(header)
                    .put(sound.toByteArray())
                    .array();
            return new Wav(file.length, new ByteArrayInputStream(file), complete);
        }
    }
}
