package org.pipecatmanager.daemon.architecture.violators.domain;

/** Breaks no rule itself; others break one by knowing it. */
public record Decision(int value) {}
