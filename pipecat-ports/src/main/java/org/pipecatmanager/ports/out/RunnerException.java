package org.pipecatmanager.ports.out;

import org.jspecify.annotations.Nullable;

/** The runner did not do what it was asked. */
public final class RunnerException extends PipecatManagerException {
    private static final long serialVersionUID = 1L;

    /** What kind of failure. */
    public enum Kind {
        /** It answered with an error: the pipeline cannot be built or was turned away. */
        REFUSED,
        /** It answered that it cannot now: it is full, or still holds a pipeline of that id. Another try may help. */
        BUSY,
        /** It could not be reached or did not answer in time. */
        UNREACHABLE
    }

    private final Kind kind;

    public RunnerException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
