package org.pipecatmanager.ports.model;

/**
 * How audio travels between daemon and runner; part of {@code /run}.
 *
 * @param inRateHz     rate of the caller's audio sent to the runner: 16000, or 8000 where the agent asks for it
 * @param chunkMillis  length of one bot audio message
 * @param windowMillis how far the runner may run ahead of what was heard
 * @param reportMillis period of playout reports while the position moves
 */
public record AudioPlan(int inRateHz, int chunkMillis, int windowMillis, int reportMillis) {
    /** 16 kHz, 20 ms, 400 ms, 40 ms: survives a 340 ms stall of the runner. */
    public static final AudioPlan DEFAULT = new AudioPlan(16_000, 20, 400, 40);

    public AudioPlan {
        if (inRateHz != 8_000 && inRateHz != 16_000) {
            throw new IllegalArgumentException("audio.in_rate is " + inRateHz + "; use 16000 or 8000");
        }
        if (chunkMillis <= 0 || reportMillis <= 0 || windowMillis < chunkMillis + reportMillis) {
            throw new IllegalArgumentException("window of " + windowMillis + " ms is shorter than one chunk of "
                    + chunkMillis + " ms and one report of " + reportMillis + " ms; use for instance 400");
        }
    }

    public AudioPlan withInRateHz(int value) {
        return new AudioPlan(value, chunkMillis, windowMillis, reportMillis);
    }
}
