package org.pipecatmanager.domain.audio;

/**
 * The sine of a given frequency that fits a signal best (least squares, together with a constant).
 *
 * @param amplitude peak, in units of the samples
 * @param phase of a cosine at the first sample, radians
 * @param residual what remains of the signal without the sine and the constant
 */
record ToneFit(double amplitude, double phase, double[] residual) {

    static ToneFit of(double[] signal, double hz, int rate) {
        double step = 2 * Math.PI * hz / rate;
        double[][] sums = new double[3][4];
        for (int i = 0; i < signal.length; i++) {
            double[] row = {Math.cos(step * i), Math.sin(step * i), 1};
            for (int a = 0; a < 3; a++) {
                for (int b = 0; b < 3; b++) {
                    sums[a][b] += row[a] * row[b];
                }
                sums[a][3] += row[a] * signal[i];
            }
        }
        double[] fit = solve(sums);
        double[] residual = new double[signal.length];
        for (int i = 0; i < signal.length; i++) {
            residual[i] = signal[i] - fit[0] * Math.cos(step * i) - fit[1] * Math.sin(step * i) - fit[2];
        }
        return new ToneFit(Math.hypot(fit[0], fit[1]), Math.atan2(-fit[1], fit[0]), residual);
    }

    /** Signal to noise and distortion, dB. */
    double sinad() {
        return decibels(amplitude / Math.sqrt(2) / rms(residual));
    }

    static double rms(double[] signal) {
        double sum = 0;
        for (double sample : signal) {
            sum += sample * sample;
        }
        return Math.sqrt(sum / signal.length);
    }

    static double decibels(double ratio) {
        return 20 * Math.log10(ratio);
    }

    /** Gauss elimination; the sums of a fit are positive definite, so no pivot is zero. */
    private static double[] solve(double[][] rows) {
        for (int pivot = 0; pivot < 3; pivot++) {
            for (int r = 0; r < 3; r++) {
                double factor = r == pivot ? 0 : rows[r][pivot] / rows[pivot][pivot];
                for (int c = pivot; c < 4; c++) {
                    rows[r][c] -= factor * rows[pivot][c];
                }
            }
        }
        return new double[] {rows[0][3] / rows[0][0], rows[1][3] / rows[1][1], rows[2][3] / rows[2][2]};
    }
}
