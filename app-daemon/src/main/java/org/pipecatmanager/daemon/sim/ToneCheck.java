package org.pipecatmanager.daemon.sim;

/**
 * Follows a sine whose phase is continuous and tells from its jumps how many 20 ms frames were lost or repeated.
 *
 * <p>Each frame's phase is measured by correlation. Between two whole frames of sound it must advance by
 * {@code hz × 20 ms}; what it advances more, in whole frames, was lost, what it lacks was repeated. The answer is unique up to
 * {@code period / 2} frames, where {@code period} is the number of frames after which the advance repeats (5 at 440 Hz).
 * Frames of silence between sounds are counted as inserted.
 */
final class ToneCheck {
    /** A phase may be off by this part of a cycle before it is called a jump: far above filter and rounding noise. */
    private static final double TOLERANCE_CYCLES = 0.04;
    /** The edge frames of a stretch of tone are not whole; they are not measured. */
    private static final int EDGE_FRAMES = 2;

    private final double cyclesPerFrame;
    private final double radiansPerSample;
    private final int maxJump;

    private long soundRun;
    private long silenceRun;
    private boolean heardTone;
    private double lastPhase;
    private boolean phaseKnown;
    private long lost;
    private long repeated;
    private long broken;
    private long inserted;

    /**
     * Watches for one tone.
     *
     * @param hz whole number of hertz, not a multiple of 50 (every frame would look alike)
     */
    ToneCheck(int hz, int rateHz) {
        if (hz % 50 == 0 || hz < 100 || hz > rateHz / 2 - 400) {
            throw new IllegalArgumentException("a tone of " + hz
                    + " Hz cannot be followed frame by frame; use 100 to " + (rateHz / 2 - 400)
                    + " Hz and no multiple of 50, such as 440");
        }
        cyclesPerFrame = hz / 50.0;
        radiansPerSample = 2 * Math.PI * hz / rateHz;
        int period = 1;
        while (Math.abs(cyclesPerFrame * period - Math.rint(cyclesPerFrame * period)) > 1e-9) {
            period++;
        }
        maxJump = Math.max(1, (period - 1) / 2);
    }

    void frame(short[] samples, int length) {
        if (!Ear.isSound(samples, length)) {
            silenceRun++;
            soundRun = 0;
            return;
        }
        if (heardTone && silenceRun > 0) {
            inserted += silenceRun;
            phaseKnown = false;
        }
        silenceRun = 0;
        heardTone = true;
        soundRun++;
        if (soundRun <= EDGE_FRAMES) {
            return;
        }
        double phase = phase(samples, length);
        if (phaseKnown) {
            judge(phase - lastPhase - cyclesPerFrame);
        }
        lastPhase = phase;
        phaseKnown = true;
    }

    private void judge(double excessCycles) {
        double excess = excessCycles - Math.rint(excessCycles);
        if (Math.abs(excess) <= TOLERANCE_CYCLES) {
            return;
        }
        for (int n = 1; n <= maxJump; n++) {
            if (near(excess, n * cyclesPerFrame)) {
                lost += n;
                return;
            }
            if (near(excess, -n * cyclesPerFrame)) {
                repeated += n;
                return;
            }
        }
        broken++;
    }

    private static boolean near(double excess, double cycles) {
        double difference = excess - cycles;
        return Math.abs(difference - Math.rint(difference)) <= TOLERANCE_CYCLES;
    }

    /** Phase at the first sample, cycles in 0 to 1. */
    private double phase(short[] samples, int length) {
        double sine = 0;
        double cosine = 0;
        for (int i = 0; i < length; i++) {
            sine += samples[i] * Math.sin(radiansPerSample * i);
            cosine += samples[i] * Math.cos(radiansPerSample * i);
        }
        double cycles = Math.atan2(cosine, sine) / (2 * Math.PI);
        return cycles < 0 ? cycles + 1 : cycles;
    }

    /** Whether any tone was heard. */
    boolean heardTone() {
        return heardTone;
    }

    long lost() {
        return lost;
    }

    long repeated() {
        return repeated;
    }

    /** Jumps that are no whole number of frames: samples lost or inserted. */
    long broken() {
        return broken;
    }

    /** Frames of silence inside the tone. */
    long inserted() {
        return inserted;
    }
}
