package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Calls whose agent is recorded, from the leg's first tick to the file. */
class RecordedCallTest {
    private static final int FRAME = 160;
    /** At 8 kHz, both channels. */
    private static final int BYTES_PER_MILLI = 32;

    private final Stage stage = Stage.recording(10_000_000);

    @Test
    void both_edges_are_in_the_file_each_in_its_channel_and_beside_each_other() throws IOException {
        PipecatcallId id = stage.register("echo");
        Stage.Leg leg = stage.leg(id);
        RunnerGate.Listener runner = stage.listener(id);
        for (int i = 0; i < 200; i++) {
            // From 1 s to 2 s both speak: what arrives beside what leaves.
            boolean loud = i >= 50 && i < 100;
            leg.media.callerAudio(pcm(loud ? 1_000 : 0), AudioFormat.SLIN_8K);
            if (loud) {
                runner.audio(pcm(-2_000), 8_000);
            }
            leg.tick();
        }
        leg.closes(LegEnd.HUNG_UP);
        stage.pass(Duration.ofSeconds(1));
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);

        short[] both = samples(id);
        assertThat(both.length / 2 / 8).isBetween(3_980, 4_020);
        assertLoudFromTo(both, 0, 1_000, 2_000);
        // What the runner said before a tick leaves with it.
        assertLoudFromTo(both, 1, 1_020, 2_020);
        assertThat(both[2 * 8 * 1_500]).isEqualTo((short) 1_000);
        assertThat(both[2 * 8 * 1_500 + 1]).isEqualTo((short) -2_000);
        assertThat(stage.meter.count(Counter.RECORDING_KEPT)).isEqualTo(1);
        assertThat(stage.meter.count(Counter.RECORDING_LOST_MILLIS)).isZero();
    }

    private static void assertLoudFromTo(short[] both, int channel, int fromMillis, int toMillis) {
        int first = -1;
        int last = -1;
        for (int i = channel; i < both.length; i += 2) {
            if (Math.abs(both[i]) > 500) {
                first = first < 0 ? i / 2 / 8 : first;
                last = i / 2 / 8;
            }
        }
        assertThat(first).as("channel %d begins", channel).isBetween(fromMillis - 5, fromMillis + 5);
        assertThat(last).as("channel %d ends", channel).isBetween(toMillis - 5, toMillis + 65);
    }

    @Test
    void a_call_that_goes_on_can_be_heard_up_to_some_seconds_ago() throws IOException {
        PipecatcallId id = stage.ids.nextCallId();
        Stage.Leg leg = stage.leg(id);
        for (int i = 0; i < 500; i++) {
            leg.media.callerAudio(pcm(700), AudioFormat.SLIN_8K);
            leg.tick();
        }
        assertThat(samples(id).length / 2 / 8).isBetween(7_000, 8_100);
        leg.closes(LegEnd.HUNG_UP);
        stage.pass(Duration.ofSeconds(1));
        assertThat(samples(id).length / 2 / 8).isBetween(9_960, 10_020);
    }

    @Test
    void a_full_disk_ends_the_recording_and_not_the_call() throws IOException {
        Stage full = Stage.recording(3_000 * BYTES_PER_MILLI);
        PipecatcallId id = full.register("echo");
        Stage.Leg leg = full.leg(id);
        for (int i = 0; i < 500; i++) {
            leg.tick();
        }
        assertThat(full.meter.count(Counter.RECORDING_CUT)).isEqualTo(1);
        assertThat(leg.isClosed()).isFalse();
        assertThat(leg.sink.frameCount()).isEqualTo(500);
        assertThat(full.recordings.find(id).orElseThrow().bytes()).isLessThanOrEqualTo(44 + 3_000 * BYTES_PER_MILLI);
        leg.closes(LegEnd.HUNG_UP);
        full.pass(Duration.ofSeconds(1));
        full.assertEnded(id, EndReason.CALLER_HUNG_UP);
        assertThat(full.meter.count(Counter.RECORDING_KEPT)).isZero();
    }

    @Test
    void a_call_without_a_caller_or_of_an_agent_that_is_not_recorded_has_none() {
        PipecatcallId alone = stage.register("echo");
        stage.engine.stop(alone);
        Stage unrecorded = new Stage();
        PipecatcallId id = unrecorded.ids.nextCallId();
        unrecorded.leg(id).tick();
        stage.pass(Duration.ofSeconds(5));
        assertThat(stage.recordings.find(alone)).isEmpty();
        assertThat(stage.clock.pendingAlarms()).isZero();
        assertThat(unrecorded.recordings.find(id)).isEmpty();
    }

    private short[] samples(PipecatcallId id) throws IOException {
        var wav = stage.recordings.find(id).orElseThrow();
        try (InputStream content = wav.content()) {
            ByteBuffer file = ByteBuffer.wrap(content.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            short[] samples = new short[(file.limit() - 44) / 2];
            file.position(44)
                    .slice()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asShortBuffer()
                    .get(samples);
            return samples;
        }
    }

    private static ByteBuffer pcm(int value) {
        short[] frame = new short[FRAME];
        Arrays.fill(frame, (short) value);
        ByteBuffer bytes = ByteBuffer.allocate(2 * FRAME).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(frame);
        return bytes;
    }
}
