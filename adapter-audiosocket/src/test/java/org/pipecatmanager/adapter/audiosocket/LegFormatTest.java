package org.pipecatmanager.adapter.audiosocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.AudioFormat;

class LegFormatTest {
    private static final AudioKind SLIN16 = Objects.requireNonNull(AudioKind.ofCode(0x12));

    @Test
    void until_audio_arrives_it_is_kind_0x10_at_8_khz_whatever_was_asked_for() {
        LegFormat format = new LegFormat(Optional.of(AudioFormat.SLIN_16K));
        assertThat(format.kind()).isEqualTo(AudioKind.SLIN);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_8K);
    }

    @Test
    void the_kind_that_arrives_is_written_from_then_on() {
        LegFormat format = new LegFormat(Optional.empty());
        format.arrived(SLIN16, 640, 0);
        assertThat(format.kind()).isEqualTo(SLIN16);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_16K);
    }

    @Test
    void the_requested_format_decides_what_0x10_means() {
        LegFormat format = new LegFormat(Optional.of(AudioFormat.SLIN_16K));
        format.arrived(AudioKind.SLIN, 640, 0);
        assertThat(format.kind()).isEqualTo(AudioKind.SLIN);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_16K);
    }

    @Test
    void with_8_khz_requested_640_byte_messages_stay_8_khz() {
        LegFormat format = new LegFormat(Optional.of(AudioFormat.SLIN_8K));
        arrive(format, 20, 640, 20);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_8K);
    }

    @Test
    void messages_of_640_bytes_50_times_a_second_mean_16_khz_for_the_rest_of_the_leg() {
        LegFormat format = new LegFormat(Optional.empty());
        arrive(format, 9, 640, 20);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_8K);
        arrive(format, 1, 640, 20);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_8K);
        format = new LegFormat(Optional.empty());
        arrive(format, 10, 640, 20);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_16K);
        assertThat(format.kind()).isEqualTo(AudioKind.SLIN);
        format.arrived(AudioKind.SLIN, 368, 1);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_16K);
    }

    @Test
    void messages_of_640_bytes_25_times_a_second_or_in_a_burst_stay_8_khz() {
        LegFormat slow = new LegFormat(Optional.empty());
        arrive(slow, 100, 640, 40);
        assertThat(slow.format()).isEqualTo(AudioFormat.SLIN_8K);
        LegFormat burst = new LegFormat(Optional.empty());
        arrive(burst, 100, 640, 1);
        assertThat(burst.format()).isEqualTo(AudioFormat.SLIN_8K);
    }

    @Test
    void a_window_spoilt_by_a_hiccup_does_not_hinder_the_next() {
        LegFormat format = new LegFormat(Optional.empty());
        arrive(format, 10, 640, 200);
        arrive(format, 10, 640, 20);
        assertThat(format.format()).isEqualTo(AudioFormat.SLIN_16K);
    }

    @Test
    void ulaw_under_the_name_of_slin_is_told_once() {
        LegFormat format = new LegFormat(Optional.empty());
        assertThat(arrive(format, 100, 160, 20)).isEqualTo(1);
    }

    @Test
    void frames_of_10_ms_and_a_single_short_message_are_no_ulaw() {
        assertThat(arrive(new LegFormat(Optional.empty()), 100, 160, 10)).isZero();
        LegFormat format = new LegFormat(Optional.empty());
        int told = 0;
        for (int i = 0; i < 50; i++) {
            told += format.arrived(AudioKind.SLIN, i % 10 == 9 ? 320 : 160, i * 20_000_000L) ? 1 : 0;
        }
        assertThat(told).isZero();
    }

    private static int arrive(LegFormat format, int messages, int bytes, int everyMillis) {
        int told = 0;
        for (int i = 0; i < messages; i++) {
            told += format.arrived(AudioKind.SLIN, bytes, (long) i * everyMillis * 1_000_000L) ? 1 : 0;
        }
        return told;
    }
}
