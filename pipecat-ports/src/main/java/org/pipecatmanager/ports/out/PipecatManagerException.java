package org.pipecatmanager.ports.out;

import org.jspecify.annotations.Nullable;

/** Root of what the ports throw; the tree is drawn in the package's description. */
public abstract sealed class PipecatManagerException extends RuntimeException
        permits RequestException, StoreException, RunnerException, ManagerException, ConfigurationException {
    private static final long serialVersionUID = 1L;

    PipecatManagerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
