package org.pipecatmanager.ports.model;

import java.time.Instant;

/** Which daemon answered, and when. */
public record Ping(String hostId, Instant timestamp) {}
