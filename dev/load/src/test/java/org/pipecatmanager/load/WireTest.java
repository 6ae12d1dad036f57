package org.pipecatmanager.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.framing.Framedata;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.AudioRawFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;

/** What we write, read by what the daemon reads with. */
class WireTest {
    @Test
    void a_chunk_is_one_masked_message_with_one_audio_frame() throws Exception {
        ByteBuffer chunk = Wire.webSocket(2)[Marks.COUNT - 1];

        assertThat(chunk.get(1)).as("masked").isNegative();
        List<Framedata> frames = new Draft_6455().translateFrame(chunk.duplicate());
        assertThat(frames).hasSize(1);
        assertThat(frames.getFirst().getOpcode()).isEqualTo(Opcode.BINARY);
        AudioRawFrame audio =
                Frame.parseFrom(frames.getFirst().getPayloadData()).getAudio();
        assertThat(audio.getSampleRate()).isEqualTo(16_000);
        assertThat(audio.getNumChannels()).isEqualTo(1);
        ByteBuffer pcm = audio.getAudio().asReadOnlyByteBuffer();
        assertThat(pcm.remaining()).isEqualTo(2 * 640);
        assertThat(Pcm.mark(pcm, 0, 640)).isEqualTo(Marks.COUNT - 1);
        assertThat(Pcm.mark(pcm, 640, 640)).isZero();
    }

    @Test
    void short_and_long_messages_are_framed() throws Exception {
        for (int length : new int[] {0, 125, 126, 65_535, 65_536}) {
            byte[] payload = new byte[length];
            Arrays.fill(payload, (byte) 7);

            Framedata frame =
                    new Draft_6455().translateFrame(Wire.masked(2, payload)).getFirst();

            assertThat(Wire.bytes(frame.getPayloadData())).isEqualTo(payload);
        }
    }

    @Test
    void a_caller_speaks_frames_of_320_bytes() {
        ByteBuffer frame = Wire.audioSocket()[5];

        assertThat(frame.get(0)).isEqualTo((byte) 0x10);
        assertThat(frame.getShort(1)).isEqualTo((short) 320);
        assertThat(frame.remaining()).isEqualTo(323);
        assertThat(Pcm.mark(frame, 3, 320)).isEqualTo(5);
    }
}
