package org.pipecatmanager.adapter.pipecatws;

/** A runner sent what this protocol does not allow; its link is closed with {@link #closeCode()}. */
final class ProtocolViolation extends Exception {
    private static final long serialVersionUID = 1L;

    private final int closeCode;
    private final String what;

    /**
     * Makes one.
     *
     * @param closeCode RFC 6455 §7.4.1
     * @param message   names thing, value and limit; holds nothing of the payload
     */
    ProtocolViolation(int closeCode, String message) {
        super(message);
        this.closeCode = closeCode;
        this.what = message;
    }

    /** The message, never null. */
    String what() {
        return what;
    }

    int closeCode() {
        return closeCode;
    }
}
