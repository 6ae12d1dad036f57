package org.pipecatmanager.ports.model;

import java.util.UUID;

/** Which call something belongs to: the identifying keys that every event other than the record carries. */
public record SessionRef(
        UUID customerId,
        PipecatcallId pipecatcallId,
        ReferenceType referenceType,
        UUID referenceId,
        UUID activeflowId) {}
