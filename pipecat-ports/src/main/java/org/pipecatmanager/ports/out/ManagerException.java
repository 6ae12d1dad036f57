package org.pipecatmanager.ports.out;

import org.jspecify.annotations.Nullable;

/** Another service of the platform, or another daemon, did not do what it was asked. */
public final class ManagerException extends PipecatManagerException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure. */
    public enum Kind {
        /** It does not know the thing. */
        NOT_FOUND,
        /** It answered with another error, or with something that cannot be read. */
        REFUSED,
        /** It did not answer in time, could not be asked, or is not asked for a while because it did not answer before. */
        UNREACHABLE
    }

    private final Kind kind;

    /**
     * Makes a failure.
     *
     * @param message which service, what it was asked, what it answered; never a body
     */
    public ManagerException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
