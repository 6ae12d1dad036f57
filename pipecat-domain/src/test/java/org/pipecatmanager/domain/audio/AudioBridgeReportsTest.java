package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Flushed;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Playout;
import org.pipecatmanager.ports.model.AudioPlan;

class AudioBridgeReportsTest {
    private final Call call = Call.attached();

    @Test
    void a_link_gets_its_grant_at_once() {
        var fresh = new Call();
        fresh.bridge.attach(fresh.link);
        assertThat(fresh.link.received()).containsExactly(new Playout(0, 400, 0));
    }

    @Test
    void the_first_frame_is_reported_then_every_40_ms_then_the_end() {
        call.says(1, 160).ticks(9);
        assertThat(call.link.received())
                .containsExactly(
                        new Playout(20, 420, 140),
                        new Playout(60, 460, 100),
                        new Playout(100, 500, 60),
                        new Playout(140, 540, 20),
                        new Playout(160, 560, 0));
    }

    @Test
    void while_the_caller_is_heard_a_report_goes_with_the_next_audio_of_the_caller() {
        call.says(1, 400);
        for (int i = 0; i < 4; i++) {
            call.ticks(1).callerSays(160);
        }
        assertThat(call.link.received(Playout.class).stream().map(Playout::positionMillis))
                .containsExactly(20L, 60L);
        assertThat(call.link.received())
                .extracting(sent -> sent.getClass().getSimpleName())
                .containsExactly("Playout", "Audio", "Audio", "Playout", "Audio", "Audio");
    }

    @Test
    void a_report_that_waits_for_a_caller_who_falls_silent_leaves_with_the_next_frame() {
        call.says(1, 400).ticks(2).callerSays(160).ticks(1);
        call.link.clear();
        call.ticks(1);
        assertThat(call.link.received()).containsExactly(new Playout(80, 480, 320));
    }

    @Test
    void a_report_that_waits_is_not_given_to_the_next_runner() {
        var next = new FakeRunnerLink();
        call.says(1, 100).ticks(2).callerSays(160).ticks(1);
        call.bridge.detach(call.link);
        call.bridge.attach(next);
        next.clear();
        call.callerSays(160);
        assertThat(next.received(Playout.class)).isEmpty();
    }

    @Test
    void nothing_is_reported_while_the_position_stands_still() {
        call.ticks(50);
        assertThat(call.link.received()).isEmpty();
        call.says(1, 20).ticks(50);
        assertThat(call.link.received()).containsExactly(new Playout(20, 420, 0));
    }

    @Test
    void the_period_and_the_window_are_the_plans() {
        var other = new Call(new AudioPlan(8000, 20, 200, 100));
        other.bridge.attach(other.link);
        other.says(1, 300).ticks(12);
        assertThat(other.link.received(Playout.class).stream().map(Playout::positionMillis))
                .containsExactly(0L, 20L, 120L, 220L);
        assertThat(other.link.received(Playout.class)).last().isEqualTo(new Playout(220, 420, 80));
    }

    @Test
    void speech_that_starts_again_is_reported_at_once() {
        call.says(1, 20).ticks(30).says(1, 100);
        call.link.clear();
        call.ticks(1);
        assertThat(call.link.received()).containsExactly(new Playout(40, 440, 80));
    }

    @Test
    void audio_dropped_in_silence_is_reported_too() {
        call.ticks(1).says(96_000, new short[9600]).ticks(1);
        assertThat(call.link.received()).containsExactly(new Playout(100, 500, 0));
    }

    @Test
    void a_link_attached_late_hears_where_the_call_is() {
        var fresh = new Call();
        fresh.says(1, 200).ticks(3).bridge.attach(fresh.link);
        assertThat(fresh.link.received()).containsExactly(new Playout(60, 460, 140));
        fresh.ticks(2);
        assertThat(fresh.link.received()).containsExactly(new Playout(60, 460, 140), new Playout(100, 500, 100));
    }

    @Test
    void the_next_runner_counts_from_0_while_the_lost_ones_audio_is_still_played() {
        var next = new FakeRunnerLink();
        call.says(1, 100).ticks(2);
        call.bridge.detach(call.link);
        call.link.clear();
        call.ticks(1);
        call.bridge.attach(next);
        assertThat(next.received()).containsExactly(new Playout(0, 400, 40));
        call.says(2, 60).ticks(5);
        assertThat(call.firstSamples()).containsExactly(1, 1, 1, 1, 1, 2, 2, 2);
        assertThat(next.received(Playout.class).stream().map(Playout::positionMillis))
                .containsExactly(0L, 40L);
        call.ticks(1);
        assertThat(next.received(Playout.class)).last().isEqualTo(new Playout(60, 460, 0));
        assertThat(call.link.received()).isEmpty();
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(160);
    }

    @Test
    void a_flush_for_the_next_runner_is_told_in_its_own_count() {
        var next = new FakeRunnerLink();
        call.says(1, 100).ticks(2);
        call.bridge.detach(call.link);
        call.bridge.attach(next);
        call.says(2, 60);
        call.bridge.runnerInterrupted();
        call.ticks(1);
        assertThat(next.received(Flushed.class)).containsExactly(new Flushed(0, 60, 460));
        assertThat(call.heard).contains("flushed 40 120 true");
    }

    @Test
    void attaching_the_same_link_again_and_detaching_another_changes_nothing() {
        call.says(1, 100).ticks(1);
        call.link.clear();
        call.bridge.attach(call.link);
        call.bridge.detach(new FakeRunnerLink());
        call.ticks(2);
        assertThat(call.link.received()).containsExactly(new Playout(60, 460, 40));
    }

    @Test
    void without_a_link_the_bot_is_played_all_the_same() {
        call.bridge.detach(call.link);
        call.says(1, 100).ticks(6);
        call.bridge.runnerInterrupted();
        call.ticks(1);
        assertThat(call.firstSamples()).containsExactly(1, 1, 1, 1, 1, 0, 0);
        assertThat(call.link.received()).isEmpty();
    }
}
