package org.pipecatmanager.domain.platform;

import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * What the daemon decides for every call of a platform.
 *
 * @param runnerRetries how often a lost runner is replaced while the caller is kept; 0 ends the call at once
 */
public record PlatformDefaults(SessionLimits limits, int runnerRetries, AudioPlan audio) {}
