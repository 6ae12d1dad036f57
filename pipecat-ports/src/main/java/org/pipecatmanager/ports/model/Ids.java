package org.pipecatmanager.ports.model;

import java.util.UUID;

/** The zero UUID, which the wire prints where there is no id. */
public final class Ids {
    /** {@code 00000000-0000-0000-0000-000000000000}. */
    public static final UUID ZERO = new UUID(0, 0);

    private Ids() {}
}
