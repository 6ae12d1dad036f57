package org.pipecatmanager.adapter.audiosocket;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.pipecatmanager.adapter.audiosocket.AudioSocketDecoder.Part;
import org.pipecatmanager.microbench.AllocatesNothing;
import org.pipecatmanager.microbench.PerFrame;

/** One 20 ms message at 8 kHz, taken apart and made, in direct buffers as on a socket. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class AudioSocketCodecBenchmark {
    private static final int SAMPLES = 160;

    private final AudioSocketDecoder decoder = new AudioSocketDecoder();
    private final short[] samples = new short[SAMPLES];
    private final ByteBuffer out = buffer();
    private final ByteBuffer in = buffer();

    /** A message to begin with. */
    public AudioSocketCodecBenchmark() {
        AudioSocketEncoder.audio(in, AudioKind.SLIN, samples, 0, SAMPLES);
        in.flip();
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(AudioSocketEncoder.MAX_FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The decoder alone: where the samples are, not what they are. */
    @Benchmark
    @PerFrame
    @AllocatesNothing
    public int decode() {
        in.rewind();
        int bytes = 0;
        for (Part part = decoder.next(in); part != Part.NEED_MORE; part = decoder.next(in)) {
            if (part == Part.AUDIO) {
                bytes += decoder.audioBytes();
            }
        }
        return bytes;
    }

    @Benchmark
    @PerFrame
    @AllocatesNothing
    public ByteBuffer encode() {
        AudioSocketEncoder.audio(out.clear(), AudioKind.SLIN, samples, 0, SAMPLES);
        return out;
    }
}
