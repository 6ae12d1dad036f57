package org.pipecatmanager.daemon.architecture.violators.adapter.redis;

/** Breaks no rule itself; another adapter breaks one by knowing it. */
public record Neighbour(String name) {}
