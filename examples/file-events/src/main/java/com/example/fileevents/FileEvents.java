package com.example.fileevents;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.wire.EventWire;
import tools.jackson.databind.json.JsonMapper;

/**
 * Appends what happens in calls to a file, one JSON object a line: {@code pipecatcall_id}, {@code sequence} and then the envelope as it is
 * published elsewhere, with {@code tm_event}.
 *
 * <p><b>A call never waits for the disk, and never ends because of it.</b> Events wait in a queue, in the order in which they
 * happened; one thread writes them. What does not fit into the queue, and what the disk does not take, is lost and counted; the
 * first loss is logged, without what was in the event.
 *
 * <p><b>Threads.</b> All methods from any. <b>End.</b> {@link #close}; a process that ends without it may lose what still waits.
 */
public final class FileEvents implements EventPublisher, AutoCloseable {
    /** Size at which a new file is begun, unless told otherwise. */
    public static final long DEFAULT_MAX_BYTES = 64L * 1024 * 1024;
    /** Older files that stay, unless told otherwise. */
    public static final int DEFAULT_KEEP = 9;
    /** Events that wait while the disk is slow: some seconds of 400 calls that stream a model's words. */
    public static final int DEFAULT_WAITING = 16_384;
    /** How long {@link #close} waits for the disk. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final System.Logger LOG = System.getLogger(FileEvents.class.getName());
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Lines lines;
    private final BlockingQueue<Entry> waiting;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final Thread writer =
            Thread.ofPlatform().name("file-events").daemon().unstarted(this::writeAll);
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@code lock}, so that nothing comes after the last mark. */
    private boolean closed;

    /** Where lines go. Used by one thread; after a failure the next line is tried all the same. */
    interface Lines extends AutoCloseable {
        void append(byte[] line) throws IOException;

        @Override
        void close() throws IOException;
    }

    private sealed interface Entry {
        /** An event, with its end of line. */
        record Line(byte[] bytes) implements Entry {}

        /** Everything before it has been dealt with when it is reached. */
        record Mark(CountDownLatch reached, boolean last) implements Entry {}
    }

    FileEvents(Lines lines, int waiting) {
        this.lines = lines;
        this.waiting = new ArrayBlockingQueue<>(waiting);
        writer.start();
    }

    /**
     * Appends to a file, with the defaults.
     *
     * @throws IOException it cannot be opened, or somebody else writes to it
     */
    public static FileEvents appendingTo(Path file) throws IOException {
        return appendingTo(file, DEFAULT_MAX_BYTES, DEFAULT_KEEP, DEFAULT_WAITING);
    }

    /**
     * Appends to a file.
     *
     * @param maxBytes size at which a new one is begun, 1 or more
     * @param keep     older ones that stay beside it as {@code FILE.1} and so on, 0 or more
     * @param waiting  events that may wait for the disk, 1 or more
     * @throws IOException it cannot be opened, or somebody else writes to it
     */
    public static FileEvents appendingTo(Path file, long maxBytes, int keep, int waiting) throws IOException {
        if (maxBytes < 1 || keep < 0 || waiting < 1) {
            throw new IllegalArgumentException("maxBytes is " + maxBytes + ", keep " + keep + ", waiting " + waiting
                    + "; use 1 or more, 0 or more, 1 or more");
        }
        return new FileEvents(new LineFile(file, maxBytes, keep), waiting);
    }

    @Override
    public void publish(CallEvent event) {
        var line = new Entry.Line(lineOf(event));
        lock.lock();
        try {
            if (closed) {
                throw new StoreException("the file of events is closed", null);
            }
            if (!waiting.offer(line)) {
                countLoss("more events wait than may", null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Events in the file. */
    public long written() {
        return written.get();
    }

    /** Events that will never be in the file: an alert is due when this grows. */
    public long lost() {
        return lost.get();
    }

    /** Events that wait for the disk now. */
    public int waiting() {
        return waiting.size();
    }

    /**
     * Waits until what was published before is in the file, or lost.
     *
     * @return whether that came to pass in time
     */
    public boolean flush(Duration patience) throws InterruptedException {
        return reach(new Entry.Mark(new CountDownLatch(1), false), patience);
    }

    /** Takes no more events in, and waits for those there are, for 5 s at most. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            lock.unlock();
        }
        try {
            if (!reach(new Entry.Mark(new CountDownLatch(1), true), CLOSE_LIMIT)) {
                LOG.log(System.Logger.Level.WARNING, "{0} events still waited for the disk at the end", waiting());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean reach(Entry.Mark mark, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        return waiting.offer(mark, patience.toNanos(), TimeUnit.NANOSECONDS)
                && mark.reached().await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private static byte[] lineOf(CallEvent event) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("pipecatcall_id", event.id().toString());
        line.put("sequence", event.sequence());
        line.putAll(EventWire.toMapWithTime(event));
        byte[] json = JSON.writeValueAsBytes(line);
        byte[] withEnd = Arrays.copyOf(json, json.length + 1);
        withEnd[json.length] = '\n';
        return withEnd;
    }

    private void writeAll() {
        boolean last = false;
        while (!last) {
            try {
                switch (waiting.take()) {
                    case Entry.Line line -> write(line.bytes());
                    case Entry.Mark mark -> {
                        last = mark.last();
                        if (last) {
                            lines.close();
                        }
                        mark.reached().countDown();
                    }
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "The file of events was not closed in order", e);
            } catch (InterruptedException e) {
                // Nobody but a host that ends everything interrupts this thread.
                return;
            }
        }
    }

    private void write(byte[] line) {
        try {
            lines.append(line);
            written.incrementAndGet();
        } catch (IOException e) {
            countLoss("it cannot be written", e);
        }
    }

    private void countLoss(String why, @Nullable IOException e) {
        if (lost.getAndIncrement() == 0) {
            LOG.log(System.Logger.Level.WARNING, "An event is lost to the file: " + why + "; more are only counted", e);
        }
    }
}
