package org.pipecatmanager.domain.engine;

import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * What is fixed for an engine.
 *
 * @param dtmfAsInput whether a key of the caller goes to the runner and into an event; it is counted in any case
 * @param limits      of a session until it is known what its call needs
 */
record EngineSettings(
        HostInstance host, int maxSessions, int mailboxCapacity, boolean dtmfAsInput, SessionLimits limits) {}
