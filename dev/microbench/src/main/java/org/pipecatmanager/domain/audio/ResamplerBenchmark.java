package org.pipecatmanager.domain.audio;

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

/** One 20 ms frame from rate to rate. The pairs are many, so each gets one process and little time. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 8, time = 100, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 100, timeUnit = TimeUnit.MILLISECONDS)
public class ResamplerBenchmark {
    private static final int FRAMES_PER_SECOND = 50;

    /** Rates in Hz, from and to. These are for a quick look; a full run takes every pair there is. */
    @Param({"8000-16000", "16000-8000", "24000-8000", "24000-16000", "22050-8000", "22050-16000"})
    public String pair = "";

    private Resampler resampler = Resampler.between(8_000, 8_000);
    private short[] noise = {};
    private short[] out = {};
    private int frame;

    @Setup
    public void open() {
        int dash = pair.indexOf('-');
        int inHz = Integer.parseInt(pair.substring(0, dash));
        resampler = Resampler.between(inHz, Integer.parseInt(pair.substring(dash + 1)));
        frame = inHz / FRAMES_PER_SECOND;
        noise = Noise.samples(frame);
        out = new short[resampler.maxOutput(frame)];
    }

    @Benchmark
    @PerFrame
    @AllocatesNothing
    public int frame() {
        return resampler.process(noise, 0, frame, out, 0);
    }
}
