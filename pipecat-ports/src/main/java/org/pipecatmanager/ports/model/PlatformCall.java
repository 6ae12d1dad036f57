package org.pipecatmanager.ports.model;

import java.util.UUID;

/**
 * A telephone call of call-manager.
 *
 * @param status {@code progressing} while it can have media; others as call-manager names them
 */
public record PlatformCall(UUID id, String status) {}
