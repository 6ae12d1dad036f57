package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.RequestException;

/** What is kept of a call at its end. */
class CallReportTest {
    private static final int FRAME = 160;

    private final Stage stage = new Stage();

    @Test
    void audio_is_counted_and_marked_and_told_when_the_call_is_over() {
        PipecatcallId id = stage.register("echo");
        Stage.Leg leg = stage.leg(id);
        RunnerGate.Listener runner = stage.listener(id);
        for (int i = 0; i < 100; i++) {
            leg.media.callerAudio(pcm(1_000), AudioFormat.SLIN_8K);
            if (i < 50) {
                runner.audio(pcm(-2_000), 8_000);
            }
            leg.tick();
        }
        assertThatThrownBy(() -> stage.engine.report(id))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("it lives");
        leg.closes(LegEnd.HUNG_UP);
        stage.pass(Duration.ofSeconds(1));
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);

        CallReport report = stage.engine.report(id);
        CallReport.Audio audio = Objects.requireNonNull(report.audio());
        assertThat(audio.playedFrames()).isEqualTo(50);
        assertThat(audio.playedFrames() + audio.silentFrames() + audio.concealedFrames())
                .isEqualTo(100);
        assertThat(audio.callerFrames() + audio.callerDiscarded()).isEqualTo(100);
        assertThat(audio.callerDiscarded()).isEqualTo(100);
        assertThat(report.marksLeftOut()).isZero();
    }

    @Test
    void when_it_became_live_and_how_loud_the_caller_was_is_told() {
        PipecatcallId id = stage.register("echo");
        Stage.Leg leg = stage.leg(id);
        assertThat(stage.link(id).isClosed()).isFalse();
        for (int i = 0; i < 20; i++) {
            leg.media.callerAudio(pcm(i == 16 ? -1_234 : 7), AudioFormat.SLIN_8K);
            leg.tick();
        }
        leg.closes(LegEnd.HUNG_UP);
        stage.pass(Duration.ofSeconds(10));
        assertThat(stage.engine.report(id).audio())
                .isNotNull()
                .extracting(CallReport.Audio::callerPeak, CallReport.Audio::callerFrames)
                .containsExactly(1_234, 20L);
        assertThat(stage.engine.report(id).marks())
                .extracting(CallReport.Mark::type)
                .containsExactly(EventType.PIPECATCALL_INITIALIZED);
    }

    @Test
    void a_call_that_nobody_came_to_has_no_audio() {
        PipecatcallId id = stage.register("echo");
        assertThat(stage.link(id).isClosed()).isFalse();
        stage.pass(Duration.ofMinutes(2));
        assertThat(stage.record(id).endReason()).isEqualTo(EndReason.LEG_TIMEOUT);
        assertThat(stage.engine.report(id).audio()).isNull();
    }

    private static ByteBuffer pcm(int sample) {
        ByteBuffer pcm = ByteBuffer.allocate(2 * FRAME).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < FRAME; i++) {
            pcm.putShort((short) sample);
        }
        return pcm.flip();
    }
}
