package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.AudioRawFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;

class AudioScannerTest {
    private static final Path VECTORS = Path.of("..", "vectors", "frames");

    private final AudioScanner scanner = new AudioScanner();

    private static byte[] frame(AudioRawFrame.Builder audio) {
        return Frame.newBuilder().setAudio(audio).build().toByteArray();
    }

    private static AudioRawFrame.Builder audio() {
        return AudioRawFrame.newBuilder()
                .setId(Long.MAX_VALUE)
                .setName("OutputAudioRawFrame#3")
                .setAudio(ByteString.copyFrom(new byte[] {1, 2, 3, 4}))
                .setSampleRate(24_000)
                .setNumChannels(1)
                .setPts(7);
    }

    private boolean isPlain(byte[] message) {
        return scanner.isPlainAudio(message, 0, message.length);
    }

    /** Whatever it says is plain, protobuf reads as the same audio. */
    private boolean agrees(byte[] message) {
        byte[] padded = new byte[message.length + 8];
        System.arraycopy(message, 0, padded, 3, message.length);
        boolean plain = scanner.isPlainAudio(padded, 3, 3 + message.length);
        if (plain) {
            try {
                assertThat(FrameCodec.decode(ByteBuffer.wrap(message)))
                        .isInstanceOfSatisfying(RunnerFrame.Audio.class, audio -> {
                            assertThat(audio.sampleRateHz()).isEqualTo(scanner.sampleRateHz());
                            assertThat(audio.pcm())
                                    .isEqualTo(ByteBuffer.wrap(padded, scanner.pcmOffset(), scanner.pcmBytes()));
                        });
            } catch (ProtocolViolation e) {
                throw new AssertionError("plain, and refused by protobuf: " + Arrays.toString(message), e);
            }
        }
        return plain;
    }

    @Test
    void what_pipecat_and_we_send_as_audio_is_plain() throws IOException {
        List<String> plain = new ArrayList<>();
        try (Stream<Path> files = Files.list(VECTORS)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".bin")).toList()) {
                if (agrees(Files.readAllBytes(file))) {
                    plain.add(file.getFileName().toString());
                }
            }
        }
        assertThat(plain).contains("java-audio-640.bin", "java-audio-64k.bin").hasSizeGreaterThan(5);
        assertThat(isPlain(frame(audio()))).isTrue();
    }

    @Test
    void what_cannot_be_played_or_is_unusual_is_left_to_protobuf() {
        assertThat(isPlain(frame(audio().setNumChannels(2)))).isFalse();
        assertThat(isPlain(frame(audio().clearNumChannels()))).isFalse();
        assertThat(isPlain(frame(audio().setSampleRate(7_999)))).isFalse();
        assertThat(isPlain(frame(audio().setSampleRate(-1)))).isFalse();
        assertThat(isPlain(frame(audio().clearAudio()))).isFalse();
        assertThat(isPlain(frame(audio().setAudio(ByteString.copyFrom(new byte[3])))))
                .isFalse();
        assertThat(isPlain(frame(audio().setName("für")))).isFalse();
        assertThat(isPlain(FrameCodec.encodeInterruption())).isFalse();
        assertThat(isPlain(FrameCodec.encodeMessage("{}"))).isFalse();
        assertThat(isPlain(new byte[0])).isFalse();
        byte[] two = Stream.of(frame(audio()), frame(audio()))
                .collect(() -> ByteBuffer.allocate(200), ByteBuffer::put, ByteBuffer::put)
                .array();
        assertThat(isPlain(two)).isFalse();
    }

    @Test
    void no_change_of_any_bytes_is_read_differently_from_protobuf() {
        Random random = new Random(7);
        byte[] good = frame(audio());
        int plain = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] changed = Arrays.copyOf(good, good.length - random.nextInt(4) / 3 * random.nextInt(good.length));
            for (int changes = random.nextInt(4); changes > 0 && changed.length > 0; changes--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            plain += agrees(changed) ? 1 : 0;
        }
        assertThat(plain).as("changes that left it plain").isBetween(20_000, 180_000);
    }
}
