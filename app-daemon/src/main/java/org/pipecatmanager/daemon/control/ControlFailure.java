package org.pipecatmanager.daemon.control;

import org.jspecify.annotations.Nullable;

/** What was asked for did not happen: a sentence for stderr, and the exit code that says so. */
final class ControlFailure extends Exception {
    private static final long serialVersionUID = 1L;
    /** The daemon said no. */
    static final int REFUSED = 1;
    /** No daemon answered. */
    static final int UNREACHED = 3;

    private final int exitCode;

    private ControlFailure(int exitCode, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    static ControlFailure refused(String message) {
        return new ControlFailure(REFUSED, message, null);
    }

    static ControlFailure unreached(String message, @Nullable Throwable cause) {
        return new ControlFailure(UNREACHED, message, cause);
    }

    int exitCode() {
        return exitCode;
    }
}
