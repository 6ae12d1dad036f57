package com.example.fileevents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.EventPublisherContract;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.StoreException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The contract of every publisher, and what only a file can do wrong. */
class FileEventsTest implements EventPublisherContract {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final TypeReference<LinkedHashMap<String, @Nullable Object>> OBJECT = new TypeReference<>() {};

    @TempDir
    private Path folder = Path.of("");

    @Override
    public Harness newHarness() {
        Path file = folder.resolve("contract.jsonl");
        FileEvents events = appendingTo(file, FileEvents.DEFAULT_MAX_BYTES, 0);
        return new Harness() {
            @Override
            public EventPublisher publisher() {
                return events;
            }

            @Override
            public List<Map<String, @Nullable Object>> received(PipecatcallId id, int count) {
                flush(events);
                return envelopes(file, id);
            }

            @Override
            public void close() {
                events.close();
            }
        };
    }

    @Test
    void a_full_file_makes_room_and_the_oldest_goes() throws Exception {
        Path file = folder.resolve("events.jsonl");
        int line = lineLength();
        try (var events = appendingTo(file, 3L * line, 2)) {
            publish(events, 1, 9);
            flush(events);
            assertThat(sequences(file)).containsExactly(7L, 8L, 9L);
            publish(events, 10, 10);
            flush(events);
            assertThat(events.written()).isEqualTo(10);
            assertThat(events.lost()).isZero();
        }
        assertThat(sequences(file)).containsExactly(10L);
        assertThat(sequences(folder.resolve("events.jsonl.1"))).containsExactly(7L, 8L, 9L);
        assertThat(sequences(folder.resolve("events.jsonl.2"))).containsExactly(4L, 5L, 6L);
        assertThat(folder.resolve("events.jsonl.3")).doesNotExist();
    }

    @Test
    void a_process_that_comes_back_goes_on_in_the_same_file() throws Exception {
        Path file = folder.resolve("events.jsonl");
        try (var events = FileEvents.appendingTo(file)) {
            publish(events, 1, 2);
        }
        // The machine stopped in the middle of a line.
        Files.writeString(file, Files.readString(file) + "{\"pipecatcall_id\":\"5");
        try (var events = FileEvents.appendingTo(file)) {
            publish(events, 3, 3);
        }
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(4);
        lines.remove(2);
        assertThat(lines.stream().map(FileEventsTest::parse).map(each -> each.get("sequence")))
                .containsExactly(1, 2, 3);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_full_disk_is_counted_and_when_there_is_room_again_the_file_goes_on() throws Exception {
        Path file = Files.createSymbolicLink(folder.resolve("events.jsonl"), Path.of("/dev/full"));
        try (var events = FileEvents.appendingTo(file)) {
            publish(events, 1, 3);
            flush(events);
            assertThat(events.lost()).isEqualTo(3);
            assertThat(events.written()).isZero();

            Files.delete(file);
            publish(events, 4, 5);
            flush(events);
            assertThat(events.lost()).isEqualTo(3);
            assertThat(sequences(file)).containsExactly(4L, 5L);
        }
    }

    @Test
    void a_disk_that_hangs_holds_nobody_up_and_what_does_not_fit_is_counted() throws Exception {
        var disk = new HangingDisk();
        try (var events = new FileEvents(disk, 4)) {
            publish(events, 1, 1);
            disk.reached.await();
            publish(events, 2, 8);
            assertThat(events.waiting()).isEqualTo(4);
            assertThat(events.lost()).isEqualTo(3);
            disk.works.countDown();
            flush(events);
            assertThat(events.written()).isEqualTo(5);
        }
        assertThat(disk.closed).isTrue();
    }

    @Test
    void a_file_that_cannot_be_is_found_out_at_the_start() throws Exception {
        assertThatThrownBy(() -> FileEvents.appendingTo(folder.resolve("nowhere/events.jsonl")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nowhere");
        Path file = folder.resolve("events.jsonl");
        try (var first = FileEvents.appendingTo(file)) {
            assertThatThrownBy(() -> FileEvents.appendingTo(file))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("give each writer its own file");
            assertThat(first.lost()).isZero();
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void nobody_else_may_read_what_was_said() throws Exception {
        Path file = folder.resolve("events.jsonl");
        try (var events = appendingTo(file, 1, 1)) {
            publish(events, 1, 2);
        }
        for (Path each : List.of(file, folder.resolve("events.jsonl.1"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void after_the_end_nothing_is_taken_in() throws Exception {
        var events = FileEvents.appendingTo(folder.resolve("events.jsonl"));
        publish(events, 1, 100);
        events.close();
        events.close();
        assertThat(events.written()).isEqualTo(100);
        assertThatThrownBy(() -> publish(events, 101, 101)).isInstanceOf(StoreException.class);
    }

    private static FileEvents appendingTo(Path file, long maxBytes, int keep) {
        try {
            return FileEvents.appendingTo(file, maxBytes, keep, FileEvents.DEFAULT_WAITING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void publish(FileEvents events, long first, long last) {
        LongStream.rangeClosed(first, last).forEach(sequence -> events.publish(Events.message(1, sequence)));
    }

    private static void flush(FileEvents events) {
        try {
            assertThat(events.flush(PATIENCE)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Bytes of an event whose sequence has one digit. */
    private int lineLength() throws IOException {
        Path file = folder.resolve("length.jsonl");
        try (var events = FileEvents.appendingTo(file)) {
            publish(events, 1, 1);
        }
        return Math.toIntExact(Files.size(file));
    }

    private static List<Long> sequences(Path file) {
        return lines(file)
                .map(each -> each.get("sequence") instanceof Number number ? number.longValue() : -1L)
                .toList();
    }

    /** What a receiver of a broker would get: without what the line has beside. */
    private static List<Map<String, @Nullable Object>> envelopes(Path file, PipecatcallId id) {
        return lines(file)
                .filter(each -> id.toString().equals(each.get("pipecatcall_id")))
                .peek(each -> each.keySet().removeAll(List.of("pipecatcall_id", "sequence", "tm_event")))
                .toList();
    }

    private static Stream<Map<String, @Nullable Object>> lines(Path file) {
        try {
            return Files.readAllLines(file).stream().map(FileEventsTest::parse);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, @Nullable Object> parse(String line) {
        return JsonMapper.shared().readValue(line, OBJECT);
    }

    /** Takes nothing until it works. */
    private static final class HangingDisk implements FileEvents.Lines {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch works = new CountDownLatch(1);
        private volatile boolean closed;

        @Override
        public void append(byte[] line) throws IOException {
            reached.countDown();
            try {
                works.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
