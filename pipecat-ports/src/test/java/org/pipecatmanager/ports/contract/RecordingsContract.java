package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.StoreException;

/** Every {@link Recordings} passes this. */
@Timeout(60)
public interface RecordingsContract {
    /** Empty ones with room for a megabyte at least. */
    Recordings newRecordings();

    /** The moment it is for those recordings. */
    Instant now();

    @Test
    default void what_was_written_is_a_stereo_file_of_its_rate() throws IOException {
        for (int hz : new int[] {8_000, 16_000}) {
            var recordings = newRecordings();
            var recording = recordings.begin(Calls.id(1), hz);
            recording.write(new short[] {9, 9, 1, -1, 2, -2}, 2, 4);
            recording.write(new short[] {Short.MAX_VALUE, Short.MIN_VALUE}, 0, 2);
            recording.close();
            recording.close();
            var file = read(recordings, 1);
            assertThat(text(file, 0) + text(file, 8) + text(file, 12) + text(file, 36))
                    .isEqualTo("RIFFWAVEfmt data");
            assertThat(file.getInt(4)).isEqualTo(file.limit() - 8);
            assertThat(file.getInt(16)).isEqualTo(16);
            assertThat(file.getShort(20)).as("linear").isEqualTo((short) 1);
            assertThat(file.getShort(22)).as("channels").isEqualTo((short) 2);
            assertThat(file.getInt(24)).isEqualTo(hz);
            assertThat(file.getInt(28)).as("bytes a second").isEqualTo(4 * hz);
            assertThat(file.getShort(32)).as("bytes of both").isEqualTo((short) 4);
            assertThat(file.getShort(34)).as("bits").isEqualTo((short) 16);
            assertThat(file.getInt(40)).isEqualTo(12);
            assertThat(samples(file)).containsExactly(1, -1, 2, -2, Short.MAX_VALUE, Short.MIN_VALUE);
        }
    }

    @Test
    default void one_that_goes_on_can_be_read_as_far_as_it_is() throws IOException {
        var recordings = newRecordings();
        var recording = recordings.begin(Calls.id(1), 8_000);
        recording.write(new short[20_000], 0, 20_000);
        var sofar = read(recordings, 1);
        assertThat(sofar.getInt(40)).isEqualTo(40_000);
        recording.write(new short[] {5, 6}, 0, 2);
        assertThat(read(recordings, 1).limit()).isEqualTo(sofar.limit() + 4);
        recording.close();
    }

    @Test
    default void one_that_goes_on_is_told_from_one_that_is_complete() throws IOException {
        var recordings = newRecordings();
        var recording = recordings.begin(Calls.id(1), 8_000);
        recordings.begin(Calls.id(2), 8_000);
        assertThat(isComplete(recordings, 1)).isFalse();
        recording.write(new short[] {5, 6}, 0, 2);
        assertThat(isComplete(recordings, 1)).isFalse();
        recording.close();
        assertThat(isComplete(recordings, 1)).isTrue();
        assertThat(isComplete(recordings, 2)).as("the other").isFalse();
    }

    @Test
    default void a_call_has_one_recording() {
        var recordings = newRecordings();
        recordings.begin(Calls.id(1), 8_000).close();
        assertThatThrownBy(() -> recordings.begin(Calls.id(1), 8_000))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(Calls.id(1).toString());
        recordings.begin(Calls.id(2), 8_000).close();
    }

    @Test
    default void where_there_is_none_there_is_nothing() {
        assertThat(newRecordings().find(Calls.id(1))).isEmpty();
        assertThat(newRecordings().deleteBefore(now())).isZero();
    }

    @Test
    default void old_ones_are_deleted_and_the_others_stay() throws IOException {
        var recordings = newRecordings();
        recordings.begin(Calls.id(1), 8_000).close();
        recordings.begin(Calls.id(2), 8_000).close();
        assertThat(recordings.deleteBefore(now().minus(Duration.ofMinutes(1)))).isZero();
        assertThat(read(recordings, 1).limit()).isEqualTo(44);
        assertThat(recordings.deleteBefore(now().plus(Duration.ofMinutes(1)))).isEqualTo(2);
        assertThat(recordings.find(Calls.id(1))).isEmpty();
        recordings.begin(Calls.id(1), 8_000).close();
    }

    private static boolean isComplete(Recordings recordings, int call) throws IOException {
        var wav = recordings.find(Calls.id(call)).orElseThrow();
        wav.content().close();
        return wav.complete();
    }

    private static ByteBuffer read(Recordings recordings, int call) throws IOException {
        var wav = recordings.find(Calls.id(call)).orElseThrow();
        try (InputStream content = wav.content()) {
            byte[] bytes = content.readNBytes(Math.toIntExact(wav.bytes()));
            assertThat(bytes).hasSize(Math.toIntExact(wav.bytes()));
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    private static int[] samples(ByteBuffer file) {
        int[] samples = new int[(file.limit() - 44) / 2];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = file.getShort(44 + 2 * i);
        }
        return samples;
    }

    private static String text(ByteBuffer file, int at) {
        byte[] tag = new byte[4];
        file.get(at, tag);
        return new String(tag, StandardCharsets.US_ASCII);
    }
}
