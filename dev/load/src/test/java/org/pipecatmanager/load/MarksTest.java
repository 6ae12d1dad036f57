package org.pipecatmanager.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.domain.audio.Resampler;

class MarksTest {
    @ParameterizedTest
    @CsvSource({"8000,16000", "16000,8000", "8000,8000"})
    void every_frame_of_a_stream_is_recognised_after_the_filter(int from, int to) {
        Resampler filter = Resampler.between(from, to);
        short[] out = new short[to / 50];
        List<Integer> sent = IntStream.range(0, 3 * Marks.COUNT)
                .map(n -> n % Marks.COUNT)
                .boxed()
                .toList();

        List<Integer> heard = sent.stream()
                .map(mark -> {
                    filter.process(frame(mark, from), 0, from / 50, out, 0);
                    return Pcm.mark(bytes(out), 0, 2 * out.length);
                })
                .toList();

        assertThat(heard).isEqualTo(sent);
    }

    @ParameterizedTest
    @CsvSource({"1", "40", "80", "120", "159"})
    void a_frame_cut_elsewhere_is_still_one_of_the_two_it_holds(int offset) {
        Resampler filter = Resampler.between(16_000, 8_000);
        short[] out = new short[480];
        for (int n = 0; n < 3; n++) {
            filter.process(frame(20 + 7 * n, 16_000), 0, 320, out, 160 * n);
        }

        assertThat(Pcm.mark(bytes(out), 2 * (160 + offset), 320)).isIn(27, 34);
    }

    @ParameterizedTest
    @CsvSource({"0", "20", "40", "60", "80", "100", "120", "140", "159"})
    void a_stream_cut_elsewhere_skips_none_when_the_marks_begin_again(int offset) {
        Resampler filter = Resampler.between(16_000, 8_000);
        int frames = 2 * Marks.COUNT;
        short[] out = new short[160 * frames];
        for (int n = 0; n < frames; n++) {
            filter.process(frame(n % Marks.COUNT, 16_000), 0, 320, out, 160 * n);
        }
        ByteBuffer heard = bytes(out);

        int last = Pcm.mark(heard, 2 * (160 + offset), 320);
        for (int n = 2; n < frames - 1; n++) {
            int mark = Pcm.mark(heard, 2 * (160 * n + offset), 320);
            assertThat(Marks.distance(last, mark))
                    .as("from %s to %s", last, mark)
                    .isEqualTo(1);
            last = mark;
        }
    }

    @Test
    void silence_and_foreign_levels_are_no_marks() {
        assertThat(Marks.of(0)).isEqualTo(Marks.SILENCE);
        assertThat(Marks.of(-150)).isEqualTo(Marks.SILENCE);
        assertThat(Marks.of(1_000)).isEqualTo(Marks.UNKNOWN);
        assertThat(Marks.of(-30_400)).isEqualTo(Marks.UNKNOWN);
        assertThat(Marks.of(32_767)).isEqualTo(Marks.UNKNOWN);
    }

    private static short[] frame(int mark, int hz) {
        short[] samples = new short[hz / 50];
        Arrays.fill(samples, Marks.level(mark));
        return samples;
    }

    private static ByteBuffer bytes(short[] samples) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * samples.length);
        for (short sample : samples) {
            bytes.put((byte) sample).put((byte) (sample >> 8));
        }
        return bytes.flip();
    }
}
