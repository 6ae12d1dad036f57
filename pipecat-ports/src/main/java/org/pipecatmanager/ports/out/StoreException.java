package org.pipecatmanager.ports.out;

import org.jspecify.annotations.Nullable;

/** The store cannot be reached or refuses; nothing is known to have been written. */
public final class StoreException extends PipecatManagerException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
