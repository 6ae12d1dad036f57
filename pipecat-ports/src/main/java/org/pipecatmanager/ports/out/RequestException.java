package org.pipecatmanager.ports.out;

/** A request cannot be met, and why: what RPC and HTTP answer with. */
public final class RequestException extends PipecatManagerException {
    private static final long serialVersionUID = 1L;

    /** The class of a refusal with its code, as the platform's error envelope names them. */
    public enum Status {
        INVALID_ARGUMENT(400),
        UNAUTHENTICATED(401),
        PERMISSION_DENIED(403),
        NOT_FOUND(404),
        ALREADY_EXISTS(409),
        FAILED_PRECONDITION(409),
        RESOURCE_EXHAUSTED(429),
        INTERNAL(500),
        UNAVAILABLE(503);

        private final int code;

        Status(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    private final Status status;
    private final String reason;

    /**
     * Makes a refusal.
     *
     * @param reason  upper-case identifier for programs, such as {@code PIPECATCALL_NOT_FOUND}
     * @param message for people: the thing, the value, the limit, the way out
     */
    public RequestException(Status status, String reason, String message) {
        super(message, null);
        this.status = status;
        this.reason = reason;
    }

    public static RequestException invalid(String reason, String message) {
        return new RequestException(Status.INVALID_ARGUMENT, reason, message);
    }

    /** The message is the one the service we replace gives. */
    public static RequestException notFound() {
        return new RequestException(Status.NOT_FOUND, "PIPECATCALL_NOT_FOUND", "The pipecat call was not found.");
    }

    public static RequestException unavailable(String reason, String message) {
        return new RequestException(Status.UNAVAILABLE, reason, message);
    }

    public Status status() {
        return status;
    }

    public String reason() {
        return reason;
    }
}
