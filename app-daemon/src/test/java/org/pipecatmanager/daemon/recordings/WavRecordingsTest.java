package org.pipecatmanager.daemon.recordings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.RecordingsContract;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.StoreException;

class WavRecordingsTest implements RecordingsContract {
    @TempDir
    private Path dir = Path.of(".");

    @Override
    public Recordings newRecordings() {
        return new WavRecordings(dir.resolve(UUID.randomUUID().toString()));
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Test
    void files_and_their_folder_are_the_owners_alone() throws IOException {
        var recordings = new WavRecordings(dir.resolve("recordings"));
        recordings.begin(Calls.id(1), 8_000).close();
        Path file = dir.resolve("recordings/" + Calls.id(1) + ".wav");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("recordings"))))
                .isEqualTo("rwx------");
    }

    @Test
    void what_a_killed_process_leaves_can_be_played_and_what_a_power_cut_leaves_is_mended() throws IOException {
        var recordings = new WavRecordings(dir);
        var recording = recordings.begin(Calls.id(1), 8_000);
        recording.write(new short[8_000], 0, 8_000);
        Path file = dir.resolve(Calls.id(1) + ".wav");
        assertThat(dataBytes(file)).as("never closed").isEqualTo(16_000);

        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(44 + 9_999);
        }
        Path empty = Files.createFile(dir.resolve(Calls.id(2) + ".wav"));
        assertThat(recordings.find(Calls.id(1)).orElseThrow().bytes()).isEqualTo(44 + 9_999);
        recordings.repair();
        assertThat(dataBytes(file)).isEqualTo(9_996);
        assertThat(empty).isEmptyFile();
        Instant touched = Files.getLastModifiedTime(file).toInstant();
        recordings.repair();
        assertThat(Files.getLastModifiedTime(file).toInstant())
                .as("nothing to do")
                .isEqualTo(touched);
    }

    @Test
    void a_folder_that_cannot_be_used_is_named() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        var recordings = new WavRecordings(file);
        assertThatThrownBy(() -> recordings.begin(Calls.id(1), 8_000))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(file.toString());
        recordings.repair();
    }

    private static int dataBytes(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(40);
    }
}
