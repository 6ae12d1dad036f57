package org.pipecatmanager.daemon.wiring;

import java.util.Map;
import org.pipecatmanager.domain.audio.Resampler;
import tools.jackson.databind.json.JsonMapper;

/** Pays before the first call for what is slow the first time in a cold virtual machine. */
final class WarmUp {
    /** What voices speak, and what callers hear. */
    private static final int[] VOICE_RATES = {8_000, 16_000, 22_050, 24_000, 48_000};

    private static final int[] CALLER_RATES = {8_000, 16_000};

    private WarmUp() {}

    /** Designs every filter a call may need (25 to 44 ms for the first) and loads the JSON mapper. */
    static void run() {
        for (int caller : CALLER_RATES) {
            for (int voice : VOICE_RATES) {
                if (caller != voice) {
                    prime(voice, caller);
                    prime(caller, voice);
                }
            }
        }
        byte[] json = JsonMapper.shared().writeValueAsBytes(Map.of("warm", true));
        if (JsonMapper.shared().readTree(json).isEmpty()) {
            throw new IllegalStateException("the JSON mapper does not read what it writes");
        }
    }

    private static void prime(int from, int to) {
        Resampler resampler = Resampler.between(from, to);
        resampler.reset();
    }
}
