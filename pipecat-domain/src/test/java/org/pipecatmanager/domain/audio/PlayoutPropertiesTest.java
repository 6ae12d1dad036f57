package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Flushed;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Playout;
import org.pipecatmanager.ports.model.AudioFormat;

/** What holds whatever comes when: chunks of any size and rate, early, late, in bursts; ticks late by up to half a second. */
class PlayoutPropertiesTest {
    private static final int ROUNDS = 4000;

    private final Call call = Call.attached();
    private long sentTicks;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void the_clock_never_bursts_and_never_runs_ahead(long seed) {
        var random = new Random(seed);
        long written = call.late(0);
        long anchor = 0;
        for (int i = 0; i < ROUNDS; i++) {
            say(random);
            long due = call.nextMillis();
            long late = lateness(random);
            int frames = call.late(late);
            assertThat(frames).as("round %d, %d ms late", i, late).isEqualTo(late >= 60 ? 1 : 1 + (int) late / 20);
            written += frames;
            if (late >= 60) {
                anchor = due + late - 20 * (written - 1);
            }
            assertThat(anchor + 20 * written).isEqualTo(call.nextMillis());
            if (late < 5) {
                assertThat(call.late(-1 - random.nextInt(15))).as("early").isZero();
            }
        }
        var snapshot = call.bridge.snapshot();
        assertThat(snapshot.framesPlayed() + snapshot.concealedFrames() + snapshot.silenceFrames())
                .isEqualTo(written)
                .isEqualTo(call.leg.frameCount());
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18})
    void the_position_is_what_was_taken_and_nothing_else(long seed) {
        var random = new Random(seed);
        int legHz = random.nextBoolean() ? 8000 : 16_000;
        call.leg.format(new AudioFormat(legHz));
        long heardMillis = 0;
        for (int i = 0; i < ROUNDS; i++) {
            say(random);
            if (random.nextInt(40) == 0) {
                call.bridge.runnerInterrupted();
                heardMillis = WireTime.millis(sentTicks);
            }
            long before = call.bridge.snapshot().positionMillis();
            int frames = call.late(lateness(random));
            var snapshot = call.bridge.snapshot();
            assertThat(snapshot.positionMillis() + snapshot.queuedMillis())
                    .isBetween(WireTime.millis(sentTicks) - 1, WireTime.millis(sentTicks));
            assertThat(snapshot.positionMillis()).isGreaterThanOrEqualTo(heardMillis);
            // A frame takes what it is long, and a sample.
            assertThat(snapshot.positionMillis() - Math.max(before, heardMillis))
                    .isLessThanOrEqualTo(20L * frames + 1);
        }
        while (call.bridge.snapshot().queuedMillis() > 0) {
            call.ticks(1);
        }
        call.ticks(10);
        assertThat(call.bridge.snapshot().positionMillis()).isEqualTo(WireTime.millis(sentTicks));
        assertThat(lastReported()).isEqualTo(WireTime.millis(sentTicks));
        assertThat(call.leg.frames().get(call.leg.frameCount() - 1)).containsOnly(0);
    }

    /** Stalls of the loop cost what they last, and no audio. */
    @ParameterizedTest(name = "{0} ms")
    @ValueSource(longs = {60, 100, 250, 400, 5000})
    void after_a_stall_one_frame_leaves_and_speech_goes_on_where_it_was(long stall) {
        for (int frame = 0; frame < 20; frame++) {
            call.says(frame + 1, 20);
        }
        call.ticks(5);
        assertThat(call.late(stall)).isEqualTo(1);
        call.ticks(14);
        assertThat(call.firstSamples())
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
        assertThat(call.bridge.snapshot().underruns()).isZero();
        assertThat(call.bridge.snapshot().reanchors()).isEqualTo(1);
    }

    private void say(Random random) {
        int chunks = random.nextInt(6) == 0 ? random.nextInt(12) : random.nextInt(2);
        int hz = random.nextInt(50) == 0
                ? Resampler.SUPPORTED_HZ.get(random.nextInt(Resampler.SUPPORTED_HZ.size()))
                : 16_000;
        for (int i = 0; i < chunks; i++) {
            int samples = 1 + random.nextInt(hz / 20);
            short[] sound = random.nextBoolean() ? Signals.noise(random.nextLong(), samples) : new short[samples];
            call.says(hz, sound);
            sentTicks += samples * WireTime.ticksPerSample(hz);
        }
    }

    private static long lateness(Random random) {
        return switch (random.nextInt(30)) {
            case 0 -> 100 + random.nextInt(400);
            case 1 -> 60;
            case 2, 3 -> random.nextInt(60);
            default -> random.nextInt(5);
        };
    }

    private long lastReported() {
        var playouts = call.link.received(Playout.class);
        var flushes = call.link.received(Flushed.class);
        long played = playouts.isEmpty() ? 0 : playouts.get(playouts.size() - 1).positionMillis();
        Flushed last = flushes.isEmpty() ? new Flushed(0, 0, 0) : flushes.get(flushes.size() - 1);
        return Math.max(played, last.atMillis() + last.droppedMillis());
    }
}
