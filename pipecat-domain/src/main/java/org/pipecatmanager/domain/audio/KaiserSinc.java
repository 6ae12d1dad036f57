package org.pipecatmanager.domain.audio;

/**
 * The low-pass filter under every rate conversion: a sinc cut off at the Nyquist frequency of the lower rate, shaped by a Kaiser window.
 *
 * <p>Time is counted in samples of the lower of the two rates, so that one design serves every pair. The window spans
 * {@value #HALF_WIDTH} such samples each side: that is the delay, 3 ms where the lower rate is 8 kHz and less elsewhere. With a stop band
 * {@value #STOP_BAND_DB} dB down, Kaiser's formula {@code width = (A - 7.95) / (2.285 * 2 * HALF_WIDTH)} rad gives a pass band up to 0.866
 * and a stop band from 1.134 times the lower Nyquist frequency (3464 and 4536 Hz at 8 kHz).
 */
final class KaiserSinc {

    /** Samples of the lower rate from the centre of the filter to its end. */
    static final int HALF_WIDTH = 24;

    private static final double STOP_BAND_DB = 100;

    /** Kaiser's empirical shape for a stop band more than 50 dB down. */
    private static final double BETA = 0.1102 * (STOP_BAND_DB - 8.7);

    private static final double WINDOW_PEAK = besselI0(BETA);

    private KaiserSinc() {}

    /**
     * The impulse response, 1 at its centre and 0 at every other whole sample of the lower rate.
     *
     * @param offset distance from the centre, in steps of which {@code stepsPerSample} make one sample of the lower rate
     * @param reach offset of the outermost tap, about {@code HALF_WIDTH * stepsPerSample}
     */
    static double at(int offset, int reach, int stepsPerSample) {
        if (offset == 0) {
            return 1;
        }
        if (offset % stepsPerSample == 0) {
            return 0;
        }
        double angle = Math.PI * offset / stepsPerSample;
        double position = (double) offset / reach;
        double window = besselI0(BETA * Math.sqrt(1 - position * position)) / WINDOW_PEAK;
        return Math.sin(angle) / angle * window;
    }

    /** Modified Bessel function of the first kind, order zero, by its power series. */
    private static double besselI0(double x) {
        double quarter = x * x / 4;
        double term = 1;
        double sum = 1;
        for (int k = 1; term > sum * 1e-17; k++) {
            term *= quarter / ((double) k * k);
            sum += term;
        }
        return sum;
    }
}
