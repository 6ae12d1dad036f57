package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.pipecatws.LinkOutput.Drained;

class LinkOutputTest {
    private final SocketBytes socket = new SocketBytes();
    private final SendQueue queue = new SendQueue(1_000_000, 1_000_000);
    private final Queue<ByteBuffer> codecFrames = new ArrayDeque<>();
    private final AtomicInteger drainsAsked = new AtomicInteger();
    private final AtomicInteger breaks = new AtomicInteger();
    private final LinkOutput output =
            new LinkOutput(socket, queue, codecFrames, drainsAsked::incrementAndGet, breaks::incrementAndGet);

    /** A socket that takes so many bytes, and then no more. */
    private static final class SocketBytes implements WritableByteChannel {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private int room = Integer.MAX_VALUE;
        private boolean isBroken;

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (isBroken) {
                throw new IOException("reset");
            }
            byte[] bytes = new byte[Math.min(room, from.remaining())];
            from.get(bytes);
            room -= bytes.length;
            written.writeBytes(bytes);
            return bytes.length;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void open() {
        output.open();
    }

    private static byte[] frame(int number) {
        return new byte[] {(byte) 0x82, 1, (byte) number};
    }

    @Test
    void audio_and_reports_are_the_frames_the_codec_would_have_made() {
        short[] samples = {9, 1, -2, 300, 9};
        for (int rate : new int[] {8_000, 16_000, 24_000}) {
            for (int length = 0; length <= 3; length++) {
                assertThat(output.tryAudio(samples, 1, length, rate)).isTrue();
                assertThat(socket.written.toByteArray())
                        .isEqualTo(ServerFrame.of(FrameCodec.encodeAudio(samples, 1, length, rate)));
                socket.written.reset();
            }
        }
        short[] frame = new short[320];
        for (int i = 0; i < frame.length; i++) {
            frame[i] = (short) (i * 211);
        }
        assertThat(output.tryAudio(frame, 0, 320, 16_000)).isTrue();
        assertThat(socket.written.toByteArray())
                .isEqualTo(ServerFrame.of(FrameCodec.encodeAudio(frame, 0, 320, 16_000)));
        for (long value : new long[] {0, 7, 10, 99, 1_000, 86_400_000, -20}) {
            socket.written.reset();
            assertThat(output.tryPlayout(value, value + 400, value)).isTrue();
            assertThat(new String(socket.written.toByteArray(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(new String(
                            ServerFrame.of(
                                    FrameCodec.encodeMessage(RtviCodec.encodePlayout(value, value + 400, value))),
                            StandardCharsets.ISO_8859_1));
        }
        for (int length = 318; length <= 320; length++) {
            for (long value : new long[] {0, 10}) {
                socket.written.reset();
                assertThat(output.tryPlayoutAndAudio(value, 400, 0, frame, 0, length, 16_000))
                        .isTrue();
                byte[] report = ServerFrame.of(FrameCodec.encodeMessage(RtviCodec.encodePlayout(value, 400, 0)));
                byte[] audio = ServerFrame.of(FrameCodec.encodeAudio(frame, 0, length, 16_000));
                assertThat(socket.written.toByteArray())
                        .isEqualTo(ByteBuffer.allocate(report.length + audio.length)
                                .put(report)
                                .put(audio)
                                .array());
            }
        }
        assertThat(drainsAsked).hasValue(0);
    }

    @Test
    void a_frame_has_the_header_of_its_length() {
        assertThat(ServerFrame.of(new byte[125])).startsWith(0x82, 125).hasSize(127);
        assertThat(ServerFrame.of(new byte[126])).startsWith(0x82, 126, 0, 126).hasSize(130);
        assertThat(ServerFrame.of(new byte[65_535]))
                .startsWith(0x82, 126, 0xff, 0xff)
                .hasSize(65_539);
        assertThat(ServerFrame.of(new byte[65_536]))
                .startsWith(0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0)
                .hasSize(65_546);
    }

    @Test
    void what_the_socket_does_not_take_waits_and_nothing_overtakes_it() throws Exception {
        socket.room = 2;
        assertThat(output.tryFrame(frame(1))).isTrue();
        assertThat(drainsAsked).as("the loop is to see to the rest").hasValue(1);
        assertThat(output.tryFrame(frame(2))).isFalse();
        queue.offerControl(frame(2));
        assertThat(output.drain()).isEqualTo(Drained.BLOCKED);
        codecFrames.add(ByteBuffer.wrap(frame(3)));
        socket.room = 4;
        assertThat(output.drain()).isEqualTo(Drained.BLOCKED);
        assertThat(output.tryFrame(frame(4))).isFalse();
        socket.room = 100;
        assertThat(output.drain()).isEqualTo(Drained.ALL);
        assertThat(output.tryFrame(frame(5))).isTrue();
        assertThat(numbers()).containsExactly(1, 3, 2, 5);
    }

    private List<Integer> numbers() {
        byte[] all = socket.written.toByteArray();
        List<Integer> numbers = new ArrayList<>();
        for (int i = 2; i < all.length; i += 3) {
            assertThat(Arrays.copyOfRange(all, i - 2, i))
                    .as("header of frame %d", i / 3)
                    .containsExactly(0x82, 1);
            numbers.add((int) all[i]);
        }
        return numbers;
    }

    @Test
    void before_it_is_open_and_once_it_is_shut_only_the_codec_speaks() throws Exception {
        output.shut();
        queue.offerControl(frame(1));
        codecFrames.add(ByteBuffer.wrap(frame(2)));
        assertThat(output.tryFrame(frame(3))).isFalse();
        assertThat(output.drain()).isEqualTo(Drained.ALL);
        assertThat(numbers()).containsExactly(2);
    }

    @Test
    void a_handshake_that_still_waits_is_not_overtaken() {
        codecFrames.add(ByteBuffer.wrap(frame(1)));
        assertThat(output.tryFrame(frame(2))).isFalse();
    }

    @Test
    void a_socket_that_broke_is_told_and_the_sender_goes_on() {
        socket.isBroken = true;
        assertThat(output.tryFrame(frame(1))).isTrue();
        assertThat(breaks).hasValue(1);
    }

    @Test
    void frames_of_many_threads_are_never_mixed_and_none_is_lost() throws Exception {
        int threads = 4;
        int each = 20_000;
        List<Thread> senders = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int number = t;
            senders.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < each; i++) {
                    if (!output.tryFrame(frame(number))) {
                        boolean unused = queue.offerControl(frame(number));
                        drainsAsked.incrementAndGet();
                    }
                }
            }));
        }
        // The loop: drains as often as it is asked, as long as anybody may ask.
        while (senders.stream().anyMatch(Thread::isAlive) || drainsAsked.get() > 0) {
            if (drainsAsked.getAndSet(0) > 0) {
                output.drain();
            }
            Thread.onSpinWait();
        }
        assertThat(numbers()).hasSize(threads * each);
    }
}
