package org.pipecatmanager.domain.platform;

import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * What the daemon decides for every call of a platform.
 */
public record PlatformDefaults(SessionLimits limits, AudioPlan audio) {}
