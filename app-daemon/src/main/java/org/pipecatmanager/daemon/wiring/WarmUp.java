package org.pipecatmanager.daemon.wiring;

import java.io.IOException;
import java.time.Duration;
import org.pipecatmanager.domain.audio.Resampler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pays before the first call for what is slow the first time in a cold virtual machine. */
final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    /** What voices speak, and what callers hear. */
    private static final int[] VOICE_RATES = {8_000, 16_000, 22_050, 24_000, 48_000};

    private static final int[] CALLER_RATES = {8_000, 16_000};

    private WarmUp() {}

    /**
     * Designs every filter a call may need (25 to 44 ms for the first) and rehearses calls. A rehearsal that fails is
     * logged: the first callers may then hear what it would have prevented.
     *
     * @param rehearsal how long calls are rehearsed; zero for not at all
     */
    static void run(Duration rehearsal) throws InterruptedException {
        for (int caller : CALLER_RATES) {
            for (int voice : VOICE_RATES) {
                if (caller != voice) {
                    prime(voice, caller);
                    prime(caller, voice);
                }
            }
        }
        if (rehearsal.isZero()) {
            return;
        }
        try {
            long heard = Rehearsal.run(rehearsal);
            LOG.debug("rehearsed for {} ms; the callers heard {} bytes", rehearsal.toMillis(), heard);
        } catch (IOException | RuntimeException e) {
            LOG.warn("the rehearsal before the first call failed; the first calls may stutter", e);
        }
    }

    private static void prime(int from, int to) {
        Resampler resampler = Resampler.between(from, to);
        resampler.reset();
    }
}
