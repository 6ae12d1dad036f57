package org.pipecatmanager.ports.model;

/**
 * One run of one daemon: what a lease is held for, and what the rows of its calls carry.
 *
 * @param hostId     the host's address on a platform, {@code local} otherwise
 * @param instanceId random at each start, so that a host that came back is not taken for the one that died
 */
public record HostInstance(String hostId, String instanceId) {}
