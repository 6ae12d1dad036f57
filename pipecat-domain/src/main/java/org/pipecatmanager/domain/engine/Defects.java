package org.pipecatmanager.domain.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.pipecatmanager.ports.model.PipecatcallId;

/** What only an operator can act on goes to the log of this package, without a word that was said. */
final class Defects {
    private static final Logger LOG = System.getLogger(Defects.class.getPackageName());
    /** Frames that are enough to find the place. */
    private static final int FRAMES = 12;

    private Defects() {}

    /** Something threw that must not; its message may hold anything, so only its kind and place are told. */
    static void report(PipecatcallId id, String doing, RuntimeException failure) {
        String place = Arrays.stream(failure.getStackTrace())
                .limit(FRAMES)
                .map(StackTraceElement::toString)
                .collect(Collectors.joining("\n  at ", "\n  at ", ""));
        LOG.log(
                Level.ERROR,
                "call " + id + ": " + doing + " failed with "
                        + failure.getClass().getName() + place);
    }

    /** Something outside does not work. */
    static void note(PipecatcallId id, String what) {
        LOG.log(Level.WARNING, "call " + id + ": " + what);
    }
}
