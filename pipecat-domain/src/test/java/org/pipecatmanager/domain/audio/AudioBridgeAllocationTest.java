package org.pipecatmanager.domain.audio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.in.LegMedia.FrameSink;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Per frame nothing is allocated, in neither direction: a few bytes per frame would be found. */
class AudioBridgeAllocationTest {
    private static final int FRAMES = 10_000;
    /** Room for what the JVM itself charges to the thread; one object per frame would be 160,000. */
    private static final long ALLOWED_BYTES = 16_000;

    private final AudioBridge bridge =
            new AudioBridge(AudioPlan.DEFAULT, new Nobody(), SessionMeter.NONE, new VirtualClock());
    private long now;

    @ParameterizedTest(name = "runner at {0} Hz, leg at {1} Hz")
    @CsvSource({"24000, 8000", "11025, 16000", "8000, 8000"})
    void nothing_is_allocated_per_frame(int runnerHz, int legHz) {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertThat(threads.isThreadAllocatedMemorySupported()).isTrue();
        var leg = new Leg(new AudioFormat(legHz));
        var bot = ByteBuffer.allocateDirect(2 * (runnerHz / 50));
        // Loud, so that every end and every interruption is faded out with made-up audio.
        while (bot.hasRemaining()) {
            bot.putShort((short) (bot.position() * 7919));
        }
        bot.flip();
        var caller = ByteBuffer.allocateDirect(2 * legHz / 50);
        bridge.attach(new Nowhere());
        run(FRAMES, bot, runnerHz, caller, leg);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(FRAMES, bot, runnerHz, caller, leg);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(ALLOWED_BYTES);
        assertThat(bridge.snapshot().framesPlayed()).isGreaterThan(FRAMES);
        assertThat(bridge.snapshot().concealedFrames()).isGreaterThan(100);
        assertThat(bridge.snapshot().uplinkFrames()).isEqualTo(2 * FRAMES);
    }

    /** What a call holds is what its rates need, not what the largest would. */
    @Test
    void a_call_whose_audio_flows_takes_20_kB() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        var leg = new Leg(new AudioFormat(8000));
        var bot = ByteBuffer.allocateDirect(2 * 320);
        var caller = ByteBuffer.allocateDirect(2 * 160);
        for (int i = 0; i < 5; i++) {
            runCall(bot, caller, leg);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        runCall(bot, caller, leg);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(20 << 10);
    }

    /** A runner that speaks 100 ms ahead at 16 kHz. */
    private static void runCall(ByteBuffer bot, ByteBuffer caller, Leg leg) {
        var call = new AudioBridge(AudioPlan.DEFAULT, new Nobody(), SessionMeter.NONE, new VirtualClock());
        call.attach(new Nowhere());
        for (int i = 0; i < 5; i++) {
            call.runnerAudio(bot, 16_000);
        }
        long now = 0;
        for (int i = 0; i < 100; i++) {
            call.callerAudio(caller, leg.format());
            call.runnerAudio(bot, 16_000);
            now = call.tick(now, leg);
        }
    }

    /** Speech with pauses and interruptions in between. */
    private void run(int frames, ByteBuffer bot, int runnerHz, ByteBuffer caller, Leg leg) {
        var random = new Random(1);
        for (int i = 0; i < frames; i++) {
            bridge.callerAudio(caller, leg.format());
            if (i % 100 < 80) {
                bridge.runnerAudio(bot, runnerHz);
            }
            if (random.nextInt(200) == 0) {
                bridge.runnerInterrupted();
            }
            now = bridge.tick(now, leg);
        }
    }

    private record Leg(AudioFormat format) implements FrameSink {
        @Override
        public void audio(short[] samples, int offset, int length) {}

        @Override
        public void end() {}
    }

    private static final class Nowhere implements RunnerLink {
        @Override
        public LinkDirection direction() {
            return LinkDirection.BOTH;
        }

        @Override
        public void audio(short[] samples, int offset, int length, int sampleRateHz) {}

        @Override
        public void send(RunnerCommand command) {}

        @Override
        public void playout(long positionMillis, long limitMillis, long queuedMillis) {}

        @Override
        public void flushed(long atMillis, long droppedMillis, long limitMillis) {}

        @Override
        public void close() {}
    }

    private static final class Nobody implements AudioBridge.Listener {
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
