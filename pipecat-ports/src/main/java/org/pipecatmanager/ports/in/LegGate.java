package org.pipecatmanager.ports.in;

import java.net.SocketAddress;
import org.pipecatmanager.ports.model.PipecatcallId;

/**
 * Decides whether a caller's connection that presented an id is let in, and as what.
 *
 * <p><b>Threads.</b> Called by a media loop: never blocks. One leg per id, ever: of two connections with one id exactly one
 * is admitted.
 */
public interface LegGate {
    /**
     * Decides on one connection.
     *
     * @param id     what the connection presented
     * @param origin where it came from
     * @return on admission the media to drive until {@link LegMedia#closed}
     */
    LegAdmission admit(PipecatcallId id, Origin origin);

    /**
     * Where a leg comes from.
     *
     * @param remote address of the far end
     * @param agent  agent whose own port it came to, or empty for the common port
     * @param registeredOnly whether an id that nobody registered is refused even where there is a default agent
     */
    record Origin(SocketAddress remote, String agent, boolean registeredOnly) {
        /** A caller on an AudioSocket port. */
        public Origin(SocketAddress remote, String agent) {
            this(remote, agent, false);
        }

        /** A caller who was sent here with the id of a call that is registered. */
        public static Origin registered(SocketAddress remote) {
            return new Origin(remote, "", true);
        }
    }

    /** The answer; a refused leg is ended in order (hangup, then close), so that a dialplan goes on. */
    sealed interface LegAdmission {
        /** Let in. */
        record Admitted(LegMedia media) implements LegAdmission {}

        /** Turned away. */
        record Refused(Refusal reason) implements LegAdmission {}
    }

    /** Why a leg was turned away. The name, in lower case, is a metric label: add, never rename. */
    enum Refusal {
        /** Nobody registered this id and there is no default agent. */
        UNKNOWN_ID,
        /** The id has, or had, a leg. */
        ALREADY_USED,
        /** The call is still being prepared: nobody asked for its leg yet, and whether it gets one is not known. */
        NOT_READY,
        /** The daemon carries as many sessions as it may. */
        FULL,
        /** The daemon is stopping. */
        STOPPING
    }
}
