package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A frame is a message when it came whole, and the codec's when it did not; either way every byte is somebody's. */
class InputFramesTest {
    private static final int BUFFER = 4096;

    private final List<String> heard = new ArrayList<>();
    private final ByteArrayOutputStream codec = new ByteArrayOutputStream();
    private final InputFrames frames = new InputFrames(new InputFrames.Sink() {
        @Override
        public void message(byte[] bytes, int from, int to) {
            heard.add("message " + Arrays.hashCode(Arrays.copyOfRange(bytes, from, to)));
        }

        @Override
        public void codec(ByteBuffer in) {
            byte[] bytes = new byte[in.remaining()];
            in.get(bytes);
            codec.writeBytes(bytes);
            heard.add("codec");
        }
    });

    private void receive(byte[] bytes) {
        ByteBuffer scratch = frames.begin(ByteBuffer.allocate(BUFFER));
        frames.take(scratch.put(bytes).flip());
    }

    private static String message(byte[] payload) {
        return "message " + Arrays.hashCode(payload);
    }

    /** A frame as a client sends it. */
    private static byte[] masked(int first, byte[] payload, int mask) {
        byte[] frame = WireRunner.frame(first, payload);
        int header = frame.length - payload.length;
        ByteBuffer.wrap(frame).putInt(header - 4, mask);
        for (int i = 0; i < payload.length; i++) {
            frame[header + i] ^= (byte) (mask >>> (24 - 8 * (i % 4)));
        }
        return frame;
    }

    private static byte[] payload(int length, Random random) {
        byte[] payload = new byte[length];
        random.nextBytes(payload);
        return payload;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void whole_binary_frames_of_every_length_are_unmasked_messages() {
        Random random = new Random(1);
        for (int length : new int[] {0, 1, 2, 3, 4, 7, 8, 9, 125, 126, 127, 700, 4000}) {
            byte[] payload = payload(length, random);
            receive(masked(0x82, payload, random.nextInt()));
            assertThat(heard).as("length %d", length).containsExactly(message(payload));
            heard.clear();
        }
        assertThat(codec.size()).isZero();
    }

    @Test
    void control_frames_text_fragments_and_what_is_not_masked_are_the_codecs() {
        byte[] payload = {1, 2, 3};
        byte[] whole = masked(0x82, payload, 0x01020304);
        for (byte[] unusual : List.of(
                masked(0x89, payload, 5),
                masked(0x8a, payload, 5),
                masked(0x88, payload, 5),
                masked(0x81, payload, 5),
                masked(0xc2, payload, 5),
                new byte[] {(byte) 0x82, 1, 7})) {
            receive(joined(whole, unusual, whole));
            assertThat(heard).containsExactly(message(payload), "codec", message(payload));
            assertThat(codec.toByteArray()).isEqualTo(unusual);
            heard.clear();
            codec.reset();
        }
    }

    @Test
    void within_a_message_in_fragments_everything_is_the_codecs() {
        byte[] payload = {1, 2, 3};
        byte[] fragments = joined(
                masked(0x02, payload, 1), masked(0x89, payload, 2), masked(0x00, payload, 3), masked(0x82, payload, 4));
        receive(fragments);
        assertThat(codec.toByteArray()).isEqualTo(fragments);
        receive(masked(0x80, payload, 5));
        heard.clear();
        receive(masked(0x82, payload, 6));
        assertThat(heard).containsExactly(message(payload));
    }

    @Test
    void however_the_stream_is_cut_each_frame_goes_one_way_as_a_whole() {
        Random random = new Random(3);
        for (int round = 0; round < 2_000; round++) {
            List<byte[]> sent = new ArrayList<>();
            List<byte[]> payloads = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                payloads.add(payload(random.nextInt(300), random));
                sent.add(masked(random.nextInt(4) == 0 ? 0x89 : 0x82, payloads.get(i), random.nextInt()));
            }
            byte[] stream = joined(sent.toArray(byte[][]::new));
            for (int at = 0; at < stream.length; ) {
                int length = Math.min(stream.length - at, random.nextInt(500));
                receive(Arrays.copyOfRange(stream, at, at + length));
                at += length;
            }
            // What was no message must be in the codec's stream, byte for byte and in order.
            ByteArrayOutputStream rest = new ByteArrayOutputStream();
            int next = 0;
            List<String> messages =
                    heard.stream().filter(each -> each.startsWith("message")).toList();
            for (int i = 0; i < sent.size(); i++) {
                boolean isMessage = sent.get(i)[0] == (byte) 0x82
                        && next < messages.size()
                        && messages.get(next).equals(message(payloads.get(i)));
                if (isMessage) {
                    next++;
                } else {
                    rest.writeBytes(sent.get(i));
                }
            }
            assertThat(next).isEqualTo(messages.size());
            assertThat(codec.toByteArray()).isEqualTo(rest.toByteArray());
            heard.clear();
            codec.reset();
        }
    }

    @Test
    void a_length_beyond_sense_leaves_everything_after_it_to_the_codec() {
        byte[] absurd = ByteBuffer.allocate(14)
                .put((byte) 0x82)
                .put((byte) 0xff)
                .putLong(Long.MIN_VALUE)
                .putInt(0)
                .array();
        byte[] whole = masked(0x82, new byte[] {1}, 0);
        receive(joined(absurd, whole));
        receive(whole);
        assertThat(heard).containsOnly("codec");
        assertThat(codec.toByteArray()).isEqualTo(joined(absurd, whole, whole));
    }

    @Test
    void a_buffer_that_begins_inside_its_array_is_refused() {
        ByteBuffer slice = ByteBuffer.allocate(10).position(2).slice();
        assertThatThrownBy(() -> frames.take(slice))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2");
    }
}
