package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AudioSocketEncoderTest {
    @Test
    void frames_of_every_kind_are_the_bytes_python_wrote() throws IOException {
        List<Vectors.Frame> frames = Vectors.frames();
        assertThat(frames).hasSameSizeAs(AudioKind.ALL);
        for (Vectors.Frame frame : frames) {
            AudioKind kind = Objects.requireNonNull(AudioKind.ofCode(frame.kind()));
            short[] samples = new short[frame.samples() + 7];
            for (int i = 0; i < frame.samples(); i++) {
                samples[i + 5] = (short) (i * 7919 % 65536 - 32768);
            }
            ByteBuffer out = ByteBuffer.allocateDirect(AudioSocketEncoder.MAX_FRAME_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN);
            AudioSocketEncoder.audio(out, kind, samples, 5, frame.samples());
            assertThat(written(out)).as(frame.name()).isEqualTo(Vectors.bytes(frame.name()));
            assertThat(kind.format().samplesPerFrame()).as(frame.name()).isEqualTo(frame.samples());
        }
    }

    @Test
    void the_hangup_message_is_the_bytes_python_wrote() throws IOException {
        ByteBuffer out = ByteBuffer.allocate(3);
        AudioSocketEncoder.hangUp(out);
        assertThat(written(out)).isEqualTo(Vectors.bytes("written-hang-up.bin"));
    }

    @Test
    void a_big_endian_buffer_is_refused() {
        assertThatThrownBy(() ->
                        AudioSocketEncoder.audio(ByteBuffer.allocate(323), AudioKind.SLIN, new short[160], 0, 160))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("little-endian");
    }

    private static byte[] written(ByteBuffer out) {
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }
}
