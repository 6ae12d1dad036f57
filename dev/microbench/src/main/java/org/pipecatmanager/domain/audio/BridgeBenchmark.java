package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.pipecatmanager.microbench.AllocatesNothing;
import org.pipecatmanager.microbench.PerFrame;
import org.pipecatmanager.ports.in.LegMedia.FrameSink;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * 20 ms of a call through the bridge, both ways: a frame of the caller up, a message of the bot in, a tick that plays a
 * frame. Both ends are in memory, the leg at 8 kHz and the runner at 16 kHz, so both ways are filtered; or everything is
 * at 8 kHz.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class BridgeBenchmark {
    private static final int LEG_HZ = 8_000;
    private static final int FRAMES_PER_SECOND = 50;

    @Param({"8000", "16000"})
    public int runnerHz;

    private final Ends ends = new Ends();
    private final ByteBuffer caller = Noise.bytes(LEG_HZ / FRAMES_PER_SECOND);
    private ByteBuffer bot = Noise.bytes(0);
    private AudioBridge bridge = new AudioBridge(AudioPlan.DEFAULT, ends, SessionMeter.NONE, new SystemTime());
    private long now;

    @Setup
    public void open() {
        bot = Noise.bytes(runnerHz / FRAMES_PER_SECOND);
        bridge = new AudioBridge(AudioPlan.DEFAULT.withInRateHz(runnerHz), ends, SessionMeter.NONE, new SystemTime());
        bridge.attach(ends);
        for (int i = 0; i < FRAMES_PER_SECOND / 5; i++) {
            bridge.runnerAudio(bot, runnerHz);
        }
        now = bridge.tick(now, ends);
    }

    @Benchmark
    @PerFrame
    @AllocatesNothing
    public long frame() {
        bridge.callerAudio(caller, AudioFormat.SLIN_8K);
        bridge.runnerAudio(bot, runnerHz);
        now = bridge.tick(now, ends);
        return ends.taken;
    }

    /** Leg, link and listener: they add up what they get, so that nothing is left out. */
    private static final class Ends implements FrameSink, RunnerLink, AudioBridge.Listener {
        private long taken;

        @Override
        public AudioFormat format() {
            return AudioFormat.SLIN_8K;
        }

        @Override
        public void audio(short[] samples, int offset, int length) {
            taken += samples[offset + length - 1];
        }

        @Override
        public void audio(short[] samples, int offset, int length, int sampleRateHz) {
            taken += samples[offset + length - 1];
        }

        @Override
        public void playout(long positionMillis, long limitMillis, long queuedMillis) {
            taken += positionMillis;
        }

        @Override
        public void flushed(long atMillis, long droppedMillis, long limitMillis) {
            taken += atMillis;
        }

        @Override
        public LinkDirection direction() {
            return LinkDirection.BOTH;
        }

        @Override
        public void end() {
            throw new IllegalStateException("the leg was ended in the middle of a benchmark");
        }

        @Override
        public void send(RunnerCommand command) {}

        @Override
        public void close() {}

        @Override
        public void pressed(char key) {}

        @Override
        public void closed(LegEnd how) {}

        @Override
        public void botAudible(long nowNanos) {}

        @Override
        public void botSilent(long nowNanos) {}

        @Override
        public void flushed(long heardMillis, long droppedMillis, boolean wasPlaying) {}

        @Override
        public void callerHeard(long nowNanos) {}
    }
}
