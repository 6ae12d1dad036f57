package org.pipecatmanager.ports.model;

/** Somebody started or stopped speaking; which of the four is the event's type. */
public record Speaking(SessionRef ref) implements EventPayload {}
