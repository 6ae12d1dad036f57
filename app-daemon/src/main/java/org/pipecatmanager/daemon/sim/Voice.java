package org.pipecatmanager.daemon.sim;

import java.util.Arrays;

/**
 * What a simulated caller says.
 *
 * <p>Not thread safe; called by the simulation's thread once per 20 ms.
 */
interface Voice {
    /**
     * Fills the next frame.
     *
     * @param frame     160 samples at 8 kHz, to be overwritten whole
     * @param ear       what the caller has heard so far
     * @param nowNanos  the simulation's clock
     * @return false when the caller hangs up instead
     */
    boolean speak(short[] frame, Ear ear, long nowNanos);

    /** Says nothing. */
    static Voice silent() {
        return (frame, ear, nowNanos) -> {
            Arrays.fill(frame, (short) 0);
            return true;
        };
    }

    /** Says a recording over and over. */
    static Voice looping(short[] samples) {
        return new Voice() {
            private int position;

            @Override
            public boolean speak(short[] frame, Ear ear, long nowNanos) {
                for (int i = 0; i < frame.length; i++) {
                    frame[i] = samples[position];
                    position = (position + 1) % samples.length;
                }
                return true;
            }
        };
    }

    /** A sine of -12 dBFS, continuous in phase. */
    static Voice tone(int hz, int rateHz) {
        return new Voice() {
            private long sample;

            @Override
            public boolean speak(short[] frame, Ear ear, long nowNanos) {
                for (int i = 0; i < frame.length; i++) {
                    double turn = (double) (sample++ % rateHz) * hz / rateHz;
                    frame[i] = (short) Math.round(8230 * Math.sin(2 * Math.PI * turn));
                }
                return true;
            }
        };
    }
}
