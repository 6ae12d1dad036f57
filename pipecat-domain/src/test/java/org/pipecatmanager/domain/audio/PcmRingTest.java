package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.domain.audio.Call.constant;
import static org.pipecatmanager.domain.audio.Call.pcm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PcmRingTest {
    private final PcmRing ring = new PcmRing();
    private final short[] out = new short[100_000];

    @Test
    void samples_come_out_as_they_went_in_across_growth_and_wrap() {
        var signal = Signals.noise(3, 300_000);
        var heard = new short[signal.length];
        int in = 0;
        int from = 0;
        for (int round = 1; from < signal.length; round++) {
            int length = Math.min(signal.length - in, round * 37 % 5000);
            ring.write(pcm(Arrays.copyOfRange(signal, in, in + length)), 16_000);
            in += length;
            int count = ring.read(out, in == signal.length ? out.length : round * 31 % 3000, 16_000);
            System.arraycopy(out, 0, heard, from, count);
            from += count;
        }
        assertThat(heard).isEqualTo(signal);
        assertThat(ring.dropped()).isZero();
    }

    @Test
    void bytes_are_little_endian_whatever_the_buffer_says_and_its_position_stays() {
        var bytes = ByteBuffer.wrap(new byte[] {9, 9, 0x34, 0x12, (byte) 0xFE, (byte) 0xFF})
                .order(ByteOrder.BIG_ENDIAN);
        bytes.position(2);
        ring.write(bytes.asReadOnlyBuffer(), 8000);
        ring.write(bytes.order(ByteOrder.LITTLE_ENDIAN), 8000);
        assertThat(bytes.position()).isEqualTo(2);
        assertThat(ring.read(out, 10, 8000)).isEqualTo(4);
        assertThat(Arrays.copyOf(out, 4)).containsExactly(0x1234, -2, 0x1234, -2);
    }

    @Test
    void a_change_of_rate_travels_in_the_stream_and_positions_add_up_exactly() {
        ring.write(pcm(constant(1, 11_025)), 11_025);
        ring.write(pcm(constant(2, 44_100)), 44_100);
        ring.write(pcm(constant(3, 8)), 8000);
        assertThat(ring.headHz()).isEqualTo(11_025);
        assertThat(ring.read(out, 100_000, 44_100)).isZero();
        assertThat(ring.read(out, 100_000, 11_025)).isEqualTo(11_025);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(1000);
        assertThat(ring.headHz()).isEqualTo(44_100);
        assertThat(ring.read(out, 100_000, 44_100)).isEqualTo(44_100);
        assertThat(ring.read(out, 100_000, 8000)).isEqualTo(8);
        assertThat(ring.headHz()).isZero();
        assertThat(ring.advancePosition()).isEqualTo(WireTime.ticks(2001));
    }

    @Test
    void when_full_the_oldest_is_dropped_and_counts_into_the_position() {
        for (int second = 0; second < 33; second++) {
            ring.write(pcm(constant(second, 8000)), 8000);
        }
        assertThat(WireTime.millis(ring.dropped())).isEqualTo(3000);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(3000);
        assertThat(ring.read(out, 1, 8000)).isEqualTo(1);
        assertThat(out[0]).isEqualTo((short) 3);
        assertThat(WireTime.millis(ring.received())).isEqualTo(33_000);
    }

    @Test
    void dropping_the_oldest_is_exact_across_rates() {
        ring.write(pcm(constant(1, 80_000)), 8000);
        for (int second = 0; second < 20; second++) {
            ring.write(pcm(constant(2, 24_000)), 24_000);
        }
        ring.write(pcm(constant(3, 11 * 8000)), 8000);
        assertThat(WireTime.millis(ring.dropped())).isEqualTo(11_000);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(11_000);
        assertThat(ring.headHz()).isEqualTo(24_000);
        int left = 0;
        for (int count = 1; count > 0; left += count) {
            count = ring.read(out, 10_000, 24_000);
        }
        assertThat(left).isEqualTo(19 * 24_000);
    }

    @Test
    void of_a_message_longer_than_the_ring_the_end_is_kept() {
        var signal = constant(0, 31 * 8000);
        signal[8000] = 5;
        ring.write(pcm(constant(9, 800)), 8000);
        ring.write(pcm(signal), 8000);
        assertThat(WireTime.millis(ring.dropped())).isEqualTo(1100);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(1100);
        ring.read(out, 1, 8000);
        assertThat(out[0]).isEqualTo((short) 5);
    }

    @Test
    void audio_at_an_unknown_rate_is_dropped_and_the_position_passes_over_it() {
        ring.write(pcm(constant(1, 80)), 8000);
        ring.write(pcm(constant(2, 960)), 96_000);
        ring.write(pcm(constant(3, 80)), 8000);
        assertThat(WireTime.millis(ring.dropped())).isEqualTo(10);
        assertThat(ring.unsupportedHz()).isEqualTo(96_000);
        assertThat(ring.read(out, 80, 8000)).isEqualTo(80);
        assertThat(ring.read(out, 80, 8000)).isEqualTo(80);
        assertThat(out[0]).isEqualTo((short) 3);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(30);
        ring.write(pcm(constant(2, 960)), 96_000);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(40);
    }

    @Test
    void rates_that_change_without_end_are_bounded() {
        for (int i = 0; i < 1000; i++) {
            ring.write(pcm(constant(i, 8)), i % 2 == 0 ? 8000 : 16_000);
        }
        long kept = ring.received() - ring.dropped();
        assertThat(kept).isGreaterThan(0).isLessThanOrEqualTo(2 * WireTime.ticks(PcmRing.MAX_SEGMENTS));
        for (int hz = ring.headHz(); hz != 0; hz = ring.headHz()) {
            ring.read(out, 8, hz);
        }
        assertThat(ring.advancePosition()).isEqualTo(ring.received());
    }

    @Test
    void every_interruption_drops_what_came_before_it_and_nothing_else() {
        ring.write(pcm(constant(1, 160)), 8000);
        ring.interrupt();
        ring.write(pcm(constant(2, 320)), 8000);
        ring.interrupt();
        ring.write(pcm(constant(3, 480)), 8000);
        assertThat(ring.flush()).isTrue();
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(20);
        assertThat(ring.flush()).isTrue();
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(60);
        assertThat(ring.flush()).isFalse();
        assertThat(ring.read(out, 1000, 8000)).isEqualTo(480);
        assertThat(out[0]).isEqualTo((short) 3);
    }

    @Test
    void of_very_many_interruptions_the_last_64_are_answered_and_nothing_older_is_heard() {
        for (int i = 0; i < 1000; i++) {
            ring.write(pcm(constant(i, 8)), 8000);
            ring.interrupt();
        }
        ring.write(pcm(constant(7777, 8)), 8000);
        int answers = 0;
        while (ring.flush()) {
            answers++;
        }
        assertThat(answers).isEqualTo(PcmRing.MAX_INTERRUPTIONS);
        assertThat(WireTime.millis(ring.advancePosition())).isEqualTo(1000);
        assertThat(ring.read(out, 100, 8000)).isEqualTo(8);
        assertThat(out[0]).isEqualTo((short) 7777);
    }
}
