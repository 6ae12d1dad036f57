package org.pipecatmanager.adapter.amqp;

import org.pipecatmanager.ports.out.ManagerException;

/** A request got no answer. The message is for an operator: what was asked of which queue, and why nothing came. */
final class RpcFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why. */
    enum Why {
        /** The queue is there and nobody answered in time. */
        TIMED_OUT,
        /** There is no such queue, hence nobody who serves it. */
        NO_QUEUE,
        /** Something came that is not an answer. */
        UNREADABLE,
        /** We are not connected to the broker, or were cut off, or it takes nothing. */
        NO_BROKER,
        /** We have too many requests in flight. */
        TOO_MANY,
        /** The thread that asked was interrupted. */
        INTERRUPTED
    }

    private final Why why;

    RpcFailure(Why why, String message) {
        super(message);
        this.why = why;
    }

    Why why() {
        return why;
    }

    /**
     * As the ports know it.
     *
     * @param target who was asked
     */
    ManagerException toManagerException(String target) {
        var kind = why == Why.UNREADABLE ? ManagerException.Kind.REFUSED : ManagerException.Kind.UNREACHABLE;
        return new ManagerException(kind, target + ": " + getMessage(), this);
    }
}
