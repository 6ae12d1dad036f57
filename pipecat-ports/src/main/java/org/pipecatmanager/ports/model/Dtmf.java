package org.pipecatmanager.ports.model;

/**
 * The caller pressed a key.
 *
 * @param key {@code 0-9 * # A-D}
 */
public record Dtmf(SessionRef ref, char key) implements EventPayload {}
