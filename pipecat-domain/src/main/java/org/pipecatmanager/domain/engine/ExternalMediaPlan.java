package org.pipecatmanager.domain.engine;

import java.util.function.Supplier;

/**
 * How Asterisk is asked to connect a call's media to us.
 *
 * @param externalHost {@code host:port} of our AudioSocket listener as Asterisk reaches it; asked for once per call, because the
 *                     port may be known only when the listener is open
 * @param format       {@code slin} (8 kHz) or {@code slin16}
 */
public record ExternalMediaPlan(Supplier<String> externalHost, String format) {
    public ExternalMediaPlan {
        if (!format.equals("slin") && !format.equals("slin16")) {
            throw new IllegalArgumentException("the media format is '" + format + "'; use slin or slin16");
        }
    }
}
