package org.pipecatmanager.domain.engine;

import org.pipecatmanager.ports.out.CallManager;

/**
 * What sessions ask of a platform's other services.
 *
 * @param media how {@code calls} is asked to connect media
 */
record Platform(Preparation preparation, CallManager calls, ExternalMediaPlan media) {}
