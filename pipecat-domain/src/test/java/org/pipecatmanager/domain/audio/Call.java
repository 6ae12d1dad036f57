package org.pipecatmanager.domain.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.pipecatmanager.ports.fake.CountingSessionMeter;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.RecordingFrameSink;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.testing.VirtualClock;

/** A bridge between a fake leg and a fake runner, on virtual time. Everything it heard of is in {@link #heard}. */
final class Call {
    final VirtualClock clock = new VirtualClock();
    final CountingSessionMeter meter = new CountingSessionMeter();
    final RecordingFrameSink leg = new RecordingFrameSink(AudioFormat.SLIN_8K);
    final FakeRunnerLink link = new FakeRunnerLink();
    final List<String> heard = new ArrayList<>();
    final AudioBridge bridge;

    private final long start = clock.nanoTime();
    private long next = start;

    Call() {
        this(AudioPlan.DEFAULT);
    }

    Call(AudioPlan plan) {
        bridge = new AudioBridge(plan, new Ears(), meter, clock);
    }

    /** A call whose runner is attached, with the first report taken away. */
    static Call attached() {
        var call = new Call();
        call.bridge.attach(call.link);
        call.link.clear();
        return call;
    }

    /** The bot says samples. */
    Call says(int hz, short... samples) {
        bridge.runnerAudio(pcm(samples), hz);
        return this;
    }

    /** The bot says {@code millis} of 8 kHz audio, every sample {@code value}. */
    Call says(int value, int millis) {
        return says(8000, constant(value, 8 * millis));
    }

    /** The caller says so many samples of 8 kHz silence. */
    Call callerSays(int samples) {
        bridge.callerAudio(pcm(new short[samples]), AudioFormat.SLIN_8K);
        return this;
    }

    /** Ticks {@code count} times, each at the moment the bridge asked for. */
    Call ticks(int count) {
        for (int i = 0; i < count; i++) {
            late(0);
        }
        return this;
    }

    /** Ticks {@code millis} after the moment the bridge asked for; frames written. */
    int late(long millis) {
        clock.advance(Duration.ofNanos(next - clock.nanoTime()).plusMillis(millis));
        int before = leg.frameCount();
        next = bridge.tick(clock.nanoTime(), leg);
        return leg.frameCount() - before;
    }

    /** When the bridge wants to be called, milliseconds since the call began. */
    long nextMillis() {
        return millis(next);
    }

    /** Of each frame written, its first sample. */
    List<Integer> firstSamples() {
        return leg.frames().stream().map(frame -> (int) frame[0]).toList();
    }

    /** Of each frame written, the sample in its middle: at a start and after a flush the first ones are faded. */
    List<Integer> middleSamples() {
        return leg.frames().stream().map(frame -> (int) frame[frame.length / 2]).toList();
    }

    private long millis(long nanos) {
        return Duration.ofNanos(nanos - start).toMillis();
    }

    static short[] constant(int value, int samples) {
        var audio = new short[samples];
        Arrays.fill(audio, (short) value);
        return audio;
    }

    static ByteBuffer pcm(short... samples) {
        var bytes = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(samples);
        return bytes;
    }

    private final class Ears implements AudioBridge.Listener {
        @Override
        public void pressed(char key) {
            heard.add("pressed " + key);
        }

        @Override
        public void closed(LegEnd how) {
            heard.add("closed " + how);
        }

        @Override
        public void botAudible(long nowNanos) {
            heard.add("audible " + millis(nowNanos));
        }

        @Override
        public void botSilent(long nowNanos) {
            heard.add("silent " + millis(nowNanos));
        }

        @Override
        public void flushed(long heardMillis, long droppedMillis, boolean wasPlaying) {
            heard.add("flushed " + heardMillis + " " + droppedMillis + " " + wasPlaying);
        }

        @Override
        public void callerHeard(long nowNanos) {
            heard.add("caller " + millis(nowNanos));
        }
    }
}
