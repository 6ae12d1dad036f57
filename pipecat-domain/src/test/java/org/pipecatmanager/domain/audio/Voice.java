package org.pipecatmanager.domain.audio;

/** A vowel: pulses of a voice that wavers a little, through three resonances. The same every time. */
final class Voice {
    private static final double[] FORMANTS_HZ = {660, 1700, 2400};
    private static final double[] BANDWIDTHS_HZ = {80, 120, 160};

    private Voice() {}

    /**
     * Makes a vowel that begins and does not end.
     *
     * @param pitchHz its fundamental, which wavers by 2 % five times a second
     */
    static short[] vowel(double pitchHz, int rate, int samples) {
        double[] sound = new double[samples];
        double phase = 0;
        for (int i = 0; i < samples; i++) {
            phase += pitchHz * (1 + 0.02 * Math.sin(2 * Math.PI * 5 * i / rate)) / rate;
            if (phase >= 1) {
                phase -= 1;
                sound[i] = 1;
            }
        }
        for (int f = 0; f < FORMANTS_HZ.length; f++) {
            resonate(sound, FORMANTS_HZ[f], BANDWIDTHS_HZ[f], rate);
        }
        double peak = 0;
        for (double sample : sound) {
            peak = Math.max(peak, Math.abs(sample));
        }
        short[] vowel = new short[samples];
        for (int i = 0; i < samples; i++) {
            double onset = Math.min(1, i / (0.02 * rate));
            vowel[i] = (short) Math.round(onset * Signals.HALF_SCALE * sound[i] / peak);
        }
        return vowel;
    }

    private static void resonate(double[] sound, double hz, double bandwidth, int rate) {
        double r = Math.exp(-Math.PI * bandwidth / rate);
        double a = 2 * r * Math.cos(2 * Math.PI * hz / rate);
        double b = -r * r;
        double one = 0;
        double two = 0;
        for (int i = 0; i < sound.length; i++) {
            double out = sound[i] + a * one + b * two;
            two = one;
            one = out;
            sound[i] = out;
        }
    }

    /**
     * Energy above a frequency, of a part of a signal seen through a Hann window: what a click adds. In squared
     * sample units.
     */
    static double energyAbove(double hz, short[] signal, int from, int length, int rate) {
        double energy = 0;
        for (int bin = (int) Math.ceil(hz * length / rate); bin < length / 2; bin++) {
            double re = 0;
            double im = 0;
            for (int i = 0; i < length; i++) {
                double windowed = signal[from + i] * (0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / length));
                re += windowed * Math.cos(2 * Math.PI * bin * i / length);
                im -= windowed * Math.sin(2 * Math.PI * bin * i / length);
            }
            energy += re * re + im * im;
        }
        return energy / length;
    }
}
