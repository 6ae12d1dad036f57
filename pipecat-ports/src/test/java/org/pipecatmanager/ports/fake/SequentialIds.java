package org.pipecatmanager.ports.fake;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.IdSource;

/** Ids 1, 2, 3… in the shape of version 4 UUIDs ({@code 00000000-0000-4000-8000-000000000001}) and tokens {@code token-1}…. */
public final class SequentialIds implements IdSource {
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();

    @Override
    public UUID nextId() {
        return id(ids.incrementAndGet());
    }

    /** The next id as that of a call. */
    public PipecatcallId nextCallId() {
        return new PipecatcallId(nextId());
    }

    @Override
    public Secret nextToken() {
        return Secret.of("token-" + tokens.incrementAndGet());
    }

    /** The {@code n}th id. */
    public static UUID id(long n) {
        return new UUID(0x4000L, 0x8000_0000_0000_0000L | n);
    }
}
