package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.out.ConnectionMeter;

class FrameWriterTest {
    /** A socket with so much room. */
    private static final class Narrow implements WritableByteChannel {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private int room = Integer.MAX_VALUE;
        private int writes;
        private boolean broken;

        @Override
        public int write(ByteBuffer from) throws IOException {
            if (broken) {
                throw new IOException("broken");
            }
            writes++;
            int bytes = Math.min(room, from.remaining());
            for (int i = 0; i < bytes; i++) {
                taken.write(from.get());
            }
            room -= bytes;
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private int dropped;
    private final Narrow socket = new Narrow();
    private final FrameWriter writer = new FrameWriter(
            socket,
            ByteBuffer.allocateDirect(AudioSocketEncoder.MAX_FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN),
            new ConnectionMeter() {
                @Override
                public void dropped(String what) {
                    assertThat(what).isEqualTo("audio");
                    dropped++;
                }
            });

    @Test
    void header_and_payload_leave_in_one_write() {
        write(1);
        assertThat(socket.writes).isEqualTo(1);
        assertThat(marks()).containsExactly("1");
        assertThat(writer.isFull()).isFalse();
    }

    @Test
    void what_the_socket_did_not_take_follows_when_it_has_room() {
        socket.room = 100;
        write(1);
        write(2);
        assertThat(writer.isFull()).isTrue();
        socket.room = Integer.MAX_VALUE;
        writer.flush();
        assertThat(marks()).containsExactly("1", "2");
        assertThat(writer.isFull()).isFalse();
        assertThat(dropped).isZero();
    }

    @Test
    void the_oldest_whole_frame_is_dropped_and_a_begun_one_is_finished() {
        socket.room = 100;
        for (int i = 0; i < 15; i++) {
            write(i);
        }
        socket.room = Integer.MAX_VALUE;
        writer.flush();
        assertThat(marks()).containsExactly("0", "6", "7", "8", "9", "10", "11", "12", "13", "14");
        assertThat(dropped).isEqualTo(5);
    }

    @Test
    void a_frame_of_which_nothing_has_left_is_dropped_like_any_other() {
        socket.room = 0;
        for (int i = 0; i < 11; i++) {
            write(i);
        }
        socket.room = Integer.MAX_VALUE;
        writer.flush();
        assertThat(marks()).startsWith("1").hasSize(10);
    }

    @Test
    void the_hangup_follows_the_audio_that_waits() {
        socket.room = 3;
        for (int i = 0; i < 10; i++) {
            write(i);
        }
        writer.hangUp(0);
        socket.room = Integer.MAX_VALUE;
        writer.flush();
        assertThat(marks()).startsWith("0", "2").endsWith("9", "hang-up").hasSize(10);
    }

    @Test
    void audio_given_up_leaves_a_begun_frame_and_the_hangup() {
        socket.room = 3;
        for (int i = 0; i < 5; i++) {
            write(i);
        }
        writer.dropPending();
        writer.hangUp(0);
        socket.room = Integer.MAX_VALUE;
        writer.flush();
        assertThat(marks()).containsExactly("0", "hang-up");
        assertThat(dropped).isEqualTo(4);
    }

    @Test
    void how_long_it_is_full_counts_from_the_first_refusal_and_ends_when_all_is_taken() {
        socket.room = 10;
        writer.audio(AudioKind.SLIN, new short[160], 0, 160, 1000);
        writer.audio(AudioKind.SLIN, new short[160], 0, 160, 2000);
        assertThat(writer.fullForNanos(5000)).isEqualTo(4000);
        socket.room = Integer.MAX_VALUE;
        writer.flush();
        assertThat(writer.fullForNanos(6000)).isZero();
    }

    @Test
    void a_broken_connection_is_told_and_takes_nothing_more() {
        socket.broken = true;
        write(1);
        assertThat(writer.isBroken()).isTrue();
        write(2);
        writer.flush();
        assertThat(socket.writes).isZero();
    }

    @Test
    void however_narrow_the_socket_no_frame_is_ever_split() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            socket.taken.reset();
            for (int i = 0; i < 100; i++) {
                socket.room = random.nextInt(700);
                if (random.nextBoolean()) {
                    writer.flush();
                }
                write(i);
            }
            socket.room = Integer.MAX_VALUE;
            writer.flush();
            List<String> marks = marks();
            assertThat(marks)
                    .as("seed %d", seed)
                    .isSortedAccordingTo((a, b) -> Integer.compare(Integer.parseInt(a), Integer.parseInt(b)));
            assertThat(marks).as("seed %d", seed).doesNotHaveDuplicates().endsWith("99");
        }
    }

    private void write(int mark) {
        short[] samples = new short[160];
        Arrays.fill(samples, (short) mark);
        writer.audio(AudioKind.SLIN, samples, 0, 160, 0);
    }

    /** What arrived: the mark of each whole frame, all samples of which must agree. */
    private List<String> marks() {
        List<String> marks = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(socket.taken.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int kind = in.get();
            int length = ((in.get() & 0xff) << 8) | (in.get() & 0xff);
            if (kind == 0) {
                marks.add("hang-up");
                continue;
            }
            assertThat(kind).isEqualTo(0x10);
            assertThat(length).isEqualTo(320);
            short mark = in.getShort();
            for (int i = 1; i < 160; i++) {
                assertThat(in.getShort()).isEqualTo(mark);
            }
            marks.add(Short.toString(mark));
        }
        return marks;
    }
}
