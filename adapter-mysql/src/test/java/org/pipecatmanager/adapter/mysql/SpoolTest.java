package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.out.StoreException;

class SpoolTest {
    private static final long ROOMY = 1 << 24;

    @TempDir
    Path folder;

    private final RecordingStoreMeter meter = new RecordingStoreMeter();

    @Test
    void entries_come_back_in_order_over_many_segments_and_free_their_room() throws Exception {
        try (var spool = Spool.open(folder, Rows.SELF, 60_000, meter)) {
            long next = 1;
            var read = new ArrayList<Long>();
            for (int round = 0; round < 50; round++) {
                assertThat(append(spool, next, 30)).isEqualTo(30);
                next += 30;
                for (int chunk = 0; chunk < 6; chunk++) {
                    read.addAll(take(spool, 7));
                }
            }
            while (!spool.isEmpty()) {
                read.addAll(take(spool, 7));
            }
            assertThat(read)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 1500).boxed().toList());
            assertThat(segments()).isEmpty();
            assertThat(meter.spooled.get()).isZero();
        }
    }

    @Test
    void what_does_not_fit_is_not_taken_and_the_bound_holds() throws Exception {
        try (var spool = Spool.open(folder, Rows.SELF, 10_000, meter)) {
            int taken = 0;
            int some;
            do {
                some = append(spool, 1 + taken, 9);
                taken += some;
            } while (some == 9);
            assertThat(taken).isGreaterThan(9);
            assertThat(spool.bytes()).isLessThanOrEqualTo(10_000);
            assertThat(append(spool, 1 + taken, 9)).isZero();
            long bytes = 0;
            for (var segment : segments()) {
                bytes += Files.size(segment);
            }
            assertThat(bytes).isEqualTo(spool.bytes());
        }
    }

    @Test
    void only_its_owner_may_read_it() throws Exception {
        try (var spool = Spool.open(folder, Rows.SELF, ROOMY, meter)) {
            append(spool, 1, 1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("spool"))))
                    .isEqualTo("rwx------");
            assertThat(segments())
                    .singleElement()
                    .satisfies(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void wherever_a_crash_cuts_the_last_entries_all_whole_ones_before_it_come_back() throws Exception {
        var original = crashedWith(3);
        var whole = Files.readAllBytes(original);
        for (int length = whole.length; length >= 0; length--) {
            Files.write(original, Arrays.copyOf(whole, length));
            try (var spool = Spool.open(folder, JournalSpoolTest.LATER, ROOMY, meter)) {
                var leftover = spool.leftover();
                var numbers = leftover == null
                        ? List.<Long>of()
                        : leftover.read(10).entries().stream()
                                .map(Stamped::number)
                                .toList();
                assertThat(numbers)
                        .as("cut to %d of %d bytes", length, whole.length)
                        .isEqualTo(LongStream.rangeClosed(1, numbers.size())
                                .boxed()
                                .toList());
                if (length == whole.length) {
                    assertThat(numbers).hasSize(3);
                }
                if (leftover != null) {
                    assertThat(leftover.owner()).isEqualTo(Rows.SELF);
                }
            }
            if (length > 0) {
                Files.deleteIfExists(original);
            }
        }
        assertThat(meter.cut.get()).isPositive();
    }

    @Test
    void a_damaged_entry_ends_its_segment() throws Exception {
        var file = crashedWith(3);
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 3] ^= 1;
        Files.write(file, bytes);
        try (var spool = Spool.open(folder, JournalSpoolTest.LATER, ROOMY, meter)) {
            var leftover = spool.leftover();
            assertThat(leftover).isNotNull();
            if (leftover != null) {
                assertThat(leftover.read(10).entries())
                        .extracting(Stamped::number)
                        .containsExactly(1L, 2L);
                assertThat(leftover.read(10).entries()).hasSize(2);
            }
        }
        assertThat(meter.cut.get()).isPositive();
    }

    @Test
    void a_file_that_is_no_segment_is_named() throws Exception {
        Files.createDirectories(folder.resolve("spool"));
        var payload = "[1]".getBytes(StandardCharsets.UTF_8);
        Files.write(
                folder.resolve("spool/stray.log"),
                SpoolSegment.frames(List.of(payload)).array());
        assertThatThrownBy(() -> Spool.open(folder, Rows.SELF, ROOMY, meter))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("stray.log")
                .hasMessageContaining("move the file named away");
    }

    /** The one segment of a process that did not come to an end. */
    private Path crashedWith(int entries) throws IOException {
        try (var spool = Spool.open(folder, Rows.SELF, ROOMY, meter)) {
            append(spool, 1, entries);
        }
        return segments().getFirst();
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.list(folder.resolve("spool"))) {
            return files.filter(file -> file.toString().endsWith(".log")).toList();
        }
    }

    private static int append(Spool spool, long first, int count) throws IOException {
        var entries = new ArrayList<Stamped>();
        for (long number = first; number < first + count; number++) {
            entries.add(new Stamped(number, new JournalEntry.Said(JournalRig.message(1, (int) number))));
        }
        return spool.append(entries, unfit -> {
            throw new AssertionError(unfit);
        });
    }

    private static List<Long> take(Spool spool, int limit) throws IOException {
        var chunk = spool.read(limit);
        spool.advance(chunk.next());
        return chunk.entries().stream().map(Stamped::number).toList();
    }
}
