package org.pipecatmanager.ports.model;

import java.util.UUID;

/**
 * Asks call-manager to let Asterisk connect a call to our AudioSocket port.
 *
 * @param id           becomes the external media's id and the AudioSocket UUID
 * @param callId       the call of call-manager
 * @param externalHost {@code host:port} of our AudioSocket listener as Asterisk reaches it
 * @param format       {@code slin} (8 kHz) or {@code slin16}
 */
public record ExternalMediaRequest(PipecatcallId id, UUID callId, String externalHost, String format) {}
