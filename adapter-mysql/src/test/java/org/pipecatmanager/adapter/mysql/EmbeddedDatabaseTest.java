package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.out.StoreException;

final class EmbeddedDatabaseTest {
    private static final String FILE = "pipecat.mv.db";

    @TempDir
    Path folder;

    @Test
    void folder_and_file_are_the_owners_alone() throws Exception {
        var data = folder.resolve("deep/data");
        try (var database = TestDatabase.file(data)) {
            assertThat(database.isUp()).isTrue();
            assertThat(Files.getPosixFilePermissions(data)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(Files.getPosixFilePermissions(data.resolve(FILE)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            try (var files = Files.list(data)) {
                assertThat(files).containsExactly(data.resolve(FILE));
            }
        }
    }

    @Test
    void a_file_that_others_could_read_is_made_private() throws Exception {
        TestDatabase.file(folder).close();
        Files.setPosixFilePermissions(folder.resolve(FILE), PosixFilePermissions.fromString("rw-r--r--"));
        TestDatabase.file(folder).close();
        assertThat(Files.getPosixFilePermissions(folder.resolve(FILE)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void records_are_there_after_a_restart() {
        try (var database = TestDatabase.file(folder)) {
            store(database).insert(Calls.starting(1), "h");
        }
        try (var database = TestDatabase.file(folder)) {
            assertThat(store(database).find(Calls.id(1))).contains(Calls.starting(1));
        }
    }

    @Test
    void what_was_answered_is_in_the_file_already() throws Exception {
        var copy = Files.createDirectory(folder.resolve("copy"));
        try (var database = TestDatabase.file(folder)) {
            store(database).insert(Calls.starting(1), "h");
            // What a killed process leaves behind.
            Files.copy(folder.resolve(FILE), copy.resolve(FILE));
        }
        try (var database = TestDatabase.file(copy)) {
            assertThat(store(database).find(Calls.id(1))).contains(Calls.starting(1));
        }
    }

    @Test
    void a_second_process_on_the_same_file_is_told_so_and_gets_in_when_the_first_is_gone() throws Exception {
        TestDatabase.file(folder).close();
        var file = FileChannel.open(folder.resolve(FILE), StandardOpenOption.WRITE);
        // The lock another process holds on the file.
        var other = file.lock();
        try (file;
                var database = Database.file(folder)) {
            var reasons = new ArrayList<String>();
            boolean up = database.awaitUp(Duration.ofSeconds(60), reason -> {
                reasons.add(reason);
                release(other);
            });
            assertThat(reasons).singleElement().asString().contains("only one daemon can use a DATA_DIR");
            assertThat(up).isTrue();
        }
    }

    @Test
    void a_folder_that_cannot_be_one_is_named() throws Exception {
        var file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> Database.file(file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("DATA_DIR " + file)
                .hasMessageContaining("may write");
        assertThatThrownBy(() -> Database.file(folder.resolve("a;b"))).hasMessageContaining("';'");
    }

    private static void release(FileLock lock) {
        try {
            lock.release();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JdbiPipecatcallStore store(Database database) {
        return new JdbiPipecatcallStore(database, Rows.SELF, new WriteAtOnce(database, Rows.SELF));
    }
}
