package org.pipecatmanager.ports.model;

import java.time.Instant;

/**
 * How loud a live call is, and how its playout stands.
 *
 * @param at              when it was looked at
 * @param callerDbfs      root mean square of what the caller said since the last look, dBFS; {@link #SILENCE_DBFS} for nothing
 * @param botDbfs         of what the caller heard, likewise
 * @param playing         whether the caller hears the bot
 * @param queuedMillis    bot audio waiting, milliseconds
 * @param cushionMillis   what is gathered before speech starts, milliseconds
 * @param underruns       times the bot was speaking and its queue ran dry, in the call so far
 * @param concealedFrames frames made up from the bot's last audio, in the call so far
 * @param discardedFrames messages of the caller that had no runner to go to, in the call so far
 */
public record AudioLevels(
        Instant at,
        double callerDbfs,
        double botDbfs,
        boolean playing,
        long queuedMillis,
        int cushionMillis,
        long underruns,
        long concealedFrames,
        long discardedFrames) {
    /** The floor of the scale: below the smallest step of 16 bits (-90.3 dBFS). */
    public static final double SILENCE_DBFS = -96.0;
}
