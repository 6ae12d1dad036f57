package org.pipecatmanager.ports.fake;

import java.util.Arrays;
import java.util.List;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;

/** Keeps what a leg would have heard, and fails the test when {@code FrameSink} is used against its rules. */
public final class RecordingFrameSink implements LegMedia.FrameSink {
    private final Recorded<short[]> frames = new Recorded<>();
    private volatile AudioFormat format;
    private volatile int ends;

    public RecordingFrameSink(AudioFormat format) {
        this.format = format;
    }

    @Override
    public AudioFormat format() {
        return format;
    }

    @Override
    public void audio(short[] samples, int offset, int length) {
        if (ends > 0) {
            throw new AssertionError("a frame was written after end()");
        }
        if (length != format.samplesPerFrame()) {
            throw new AssertionError("a frame of " + length + " samples was written; 20 ms at " + format.sampleRateHz()
                    + " Hz are " + format.samplesPerFrame());
        }
        frames.add(Arrays.copyOfRange(samples, offset, offset + length));
    }

    @Override
    public void end() {
        if (ends > 0) {
            throw new AssertionError("end() was called twice");
        }
        ends = 1;
    }

    /** The leg wants another rate from now on. */
    public void format(AudioFormat value) {
        format = value;
    }

    /** Copies of the frames written, in order. */
    public List<short[]> frames() {
        return frames.all();
    }

    /** How many frames were written. */
    public int frameCount() {
        return frames.all().size();
    }

    /** All samples written, end to end. */
    public short[] samples() {
        var all = frames.all();
        var joined = new short[all.stream().mapToInt(frame -> frame.length).sum()];
        int at = 0;
        for (var frame : all) {
            System.arraycopy(frame, 0, joined, at, frame.length);
            at += frame.length;
        }
        return joined;
    }

    /** Whether the leg was ended. */
    public boolean ended() {
        return ends > 0;
    }

    /** Forgets the frames written. */
    public void clear() {
        frames.clear();
    }
}
