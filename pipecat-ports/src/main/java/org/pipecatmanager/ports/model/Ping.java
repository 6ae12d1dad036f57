package org.pipecatmanager.ports.model;

import java.time.Instant;

/**
 * Which daemon answered, and when.
 *
 * @param instanceId which run of it; empty when another implementation answered
 */
public record Ping(String hostId, Instant timestamp, String instanceId) {}
