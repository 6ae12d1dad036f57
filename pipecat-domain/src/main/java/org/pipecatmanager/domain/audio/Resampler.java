package org.pipecatmanager.domain.audio;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a stream of mono 16-bit PCM of one sample rate into another, chunk by chunk.
 *
 * <p><b>Stream.</b> The filter keeps its state between calls: however a signal is cut into chunks, the output is the
 * same, sample for sample. Nothing is held back: after {@code n} input samples {@code ceil(n * outHz / inHz)} output
 * samples have been written, so a 20 ms frame of 8 kHz gives exactly 320 samples of 16 kHz, and the reverse 160, from
 * the first frame on.
 *
 * <p><b>Delay.</b> The output is not delay-compensated: it comes {@link #delaySamples()} samples late and starts with
 * the filter's onset. {@link #flush} writes the rest that is still in the filter. A stream of {@code n} samples,
 * flushed, is {@code delaySamples() + round(n * outHz / inHz)} samples long; without its first {@code delaySamples()}
 * it is aligned with the input to the sample and as long.
 *
 * <p><b>Quality.</b> Windowed sinc, linear phase: flat up to 0.85 and at least 90 dB down from 1.15 times the Nyquist
 * frequency of the lower rate; delay 3 ms where that rate is 8 kHz, less elsewhere ({@link KaiserSinc}). Rounds to
 * nearest, saturates instead of wrapping, bit-exact on every machine. Equal rates pass through unchanged, without
 * delay.
 *
 * <p><b>Threads and memory.</b> Not thread safe: one owner at a time. Allocates nothing after construction; the
 * filter's tables are shared between resamplers and built at the first {@link #between} of their ratio (a few
 * milliseconds).
 */
public final class Resampler {

    /** The sample rates in Hz that can be converted, each into each, ascending. */
    public static final List<Integer> SUPPORTED_HZ =
            List.of(8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000);

    private final int inHz;
    private final int outHz;
    private final @Nullable Conversion conversion;
    private final int phases;
    private final int stride;
    private final int delaySamples;
    /** Input samples since the stream began. */
    private long consumed;

    private Resampler(int inHz, int outHz) {
        this.inHz = inHz;
        this.outHz = outHz;
        if (inHz == outHz) {
            conversion = null;
            phases = 1;
            stride = 1;
            delaySamples = 0;
        } else {
            var filter = PolyphaseFilter.between(inHz, outHz);
            conversion = filter.stream();
            phases = filter.phases();
            stride = filter.stride();
            delaySamples = filter.delaySamples();
        }
    }

    /**
     * A resampler at the beginning of a stream.
     *
     * @param inHz sample rate of what comes in, one of {@link #SUPPORTED_HZ}
     * @param outHz sample rate of what goes out, one of {@link #SUPPORTED_HZ}
     * @throws IllegalArgumentException if a rate is not supported; the message names it and those that are
     */
    public static Resampler between(int inHz, int outHz) {
        return new Resampler(supported("input", inHz), supported("output", outHz));
    }

    private static int supported(String which, int hz) {
        if (!SUPPORTED_HZ.contains(hz)) {
            throw new IllegalArgumentException(
                    which + " sample rate " + hz + " Hz is not supported; use one of " + SUPPORTED_HZ + " Hz");
        }
        return hz;
    }

    /**
     * Takes the next chunk of the stream and writes all the output it completes.
     *
     * @param in samples; only read, not kept
     * @param inOffset index of the first sample
     * @param inLength how many samples; any number, zero included
     * @param out another array than {@code in}
     * @param outOffset where to write the first sample
     * @return samples written, at most {@link #maxOutput maxOutput(inLength)}
     * @throws IndexOutOfBoundsException if the input is not within {@code in} or the output does not fit into {@code
     *     out}; the stream is then as it was before the call
     */
    public int process(short[] in, int inOffset, int inLength, short[] out, int outOffset) {
        Objects.checkFromIndexSize(inOffset, inLength, in.length);
        int count = outputDue(inLength);
        Objects.checkFromIndexSize(outOffset, count, out.length);
        if (conversion == null) {
            System.arraycopy(in, inOffset, out, outOffset, inLength);
        } else {
            conversion.take(in, inOffset, inLength, out, outOffset);
        }
        consumed += inLength;
        return count;
    }

    /**
     * Ends the stream: writes what is still in the filter, as if silence followed, and begins a new stream like {@link
     * #reset()}.
     *
     * @param out where to; needs room for {@link #delaySamples()} samples
     * @param outOffset where to write the first sample
     * @return samples written, at most {@link #delaySamples()}; none if the stream was empty
     * @throws IndexOutOfBoundsException if the output does not fit into {@code out}; the stream is then as it was
     *     before the call
     */
    public int flush(short[] out, int outOffset) {
        int count = tailDue();
        Objects.checkFromIndexSize(outOffset, count, out.length);
        if (conversion != null) {
            conversion.takeSilence(out, outOffset, count);
        }
        reset();
        return count;
    }

    /** Forgets everything: what comes next is the beginning of a new stream. */
    public void reset() {
        if (conversion != null) {
            conversion.restart();
        }
        consumed = 0;
    }

    /** Sample rate of the input, Hz. */
    public int inHz() {
        return inHz;
    }

    /** Sample rate of the output, Hz. */
    public int outHz() {
        return outHz;
    }

    /**
     * The most samples that {@link #process} writes for a chunk, whatever came before.
     *
     * @param inLength length of the chunk, samples
     * @throws ArithmeticException if that is more than an array can hold
     */
    public int maxOutput(int inLength) {
        return Math.toIntExact(ceilDiv((long) inLength * phases));
    }

    /** By how many output samples the output comes after the input it stands for; the same at every frequency. */
    public int delaySamples() {
        return delaySamples;
    }

    /**
     * {@link #delaySamples()} as time: 3 ms where the lower rate is 8 kHz, less elsewhere, zero between equal rates.
     */
    public Duration delay() {
        return Duration.ofNanos(Math.round(delaySamples() * 1e9 / outHz));
    }

    private int outputDue(int inLength) {
        return Math.toIntExact(ceilDiv((consumed + inLength) * phases) - ceilDiv(consumed * phases));
    }

    /** What is missing to {@code delaySamples() + round(consumed * phases / stride)}. */
    private int tailDue() {
        if (conversion == null || consumed == 0) {
            return 0;
        }
        long steps = consumed * phases;
        long rounded = Math.floorDiv(2 * steps + stride, 2L * stride);
        return delaySamples + (int) (rounded - ceilDiv(steps));
    }

    private long ceilDiv(long steps) {
        return Math.ceilDiv(steps, stride);
    }
}
