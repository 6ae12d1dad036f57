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

    private final Thread thread;

    private WarmUp(Duration rehearsal) {
        this.thread = Thread.ofPlatform().daemon().name("warm-up").unstarted(() -> run(rehearsal));
    }

    /**
     * Begins, on a thread of its own, to design every filter a call may need (25 to 44 ms for the first) and to rehearse
     * calls. A rehearsal that fails is logged: the first callers may then hear what it would have prevented.
     *
     * @param rehearsal how long calls are rehearsed; zero for not at all
     */
    static WarmUp begin(Duration rehearsal) {
        WarmUp warmUp = new WarmUp(rehearsal);
        warmUp.thread.start();
        return warmUp;
    }

    /** Waits for its end. */
    void await() throws InterruptedException {
        thread.join();
    }

    private static void run(Duration rehearsal) {
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
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the rehearsal before the first call failed; the first calls may stutter", e);
        }
    }

    private static void prime(int from, int to) {
        Resampler resampler = Resampler.between(from, to);
        resampler.reset();
    }
}
