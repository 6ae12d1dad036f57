package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AudioSocketDecoderTest {
    private static final int FUZZED_STREAMS = 100_000;

    @Test
    void streams_written_by_python_hold_what_their_manifest_says() throws IOException {
        List<Vectors.Stream> streams = Vectors.streams();
        assertThat(streams).hasSizeGreaterThan(10);
        for (Vectors.Stream stream : streams) {
            byte[] bytes = Vectors.bytes(stream.name());
            assertThat(Transcript.of(bytes, left -> left).lines())
                    .as(stream.name())
                    .isEqualTo(stream.lines());
        }
    }

    @Test
    void any_way_of_cutting_a_stream_gives_the_same_parts() throws IOException {
        for (Vectors.Stream stream : Vectors.streams()) {
            byte[] bytes = Vectors.bytes(stream.name());
            assertThat(Transcript.of(bytes, left -> 1).lines())
                    .as("%s a byte at a time", stream.name())
                    .isEqualTo(stream.lines());
            for (int seed = 0; seed < 50; seed++) {
                Random random = new Random(seed);
                assertThat(Transcript.of(bytes, left -> 1 + random.nextInt(400)).lines())
                        .as("%s, seed %d", stream.name(), seed)
                        .isEqualTo(stream.lines());
            }
        }
    }

    @Test
    void random_and_mutated_streams_are_taken_whatever_they_hold_and_however_they_are_cut() throws IOException {
        List<byte[]> originals = new ArrayList<>();
        for (Vectors.Stream stream : Vectors.streams()) {
            byte[] bytes = Vectors.bytes(stream.name());
            originals.add(Arrays.copyOf(bytes, Math.min(bytes.length, 700)));
        }
        for (int seed = 0; seed < FUZZED_STREAMS; seed++) {
            Random random = new Random(seed);
            byte[] stream = seed % 2 == 0 ? noise(random) : mutated(originals, random);
            Transcript whole = Transcript.of(stream, left -> left);
            Transcript cut = Transcript.of(stream, left -> 1 + random.nextInt(64));
            assertThat(cut.lines()).as("seed %d", seed).isEqualTo(whole.lines());
            assertThat(cut.mostHeldBytes()).as("seed %d", seed).isLessThanOrEqualTo(AudioSocketDecoder.MAX_HELD_BYTES);
        }
    }

    /** Half of it messages with random headers, so that more than the first one is reached. */
    private static byte[] noise(Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int messages = random.nextInt(8);
        for (int i = 0; i < messages; i++) {
            int length = random.nextInt(40);
            int kind = random.nextBoolean() ? random.nextInt(256) : 0x10 + random.nextInt(10);
            out.write(kind);
            out.write(0);
            out.write(length);
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            out.writeBytes(payload);
        }
        byte[] tail = new byte[random.nextInt(60)];
        random.nextBytes(tail);
        out.writeBytes(tail);
        return out.toByteArray();
    }

    private static byte[] mutated(List<byte[]> originals, Random random) {
        byte[] stream = originals.get(random.nextInt(originals.size())).clone();
        int changes = 1 + random.nextInt(6);
        for (int i = 0; i < changes; i++) {
            stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
        }
        return Arrays.copyOf(stream, 1 + random.nextInt(stream.length));
    }
}
