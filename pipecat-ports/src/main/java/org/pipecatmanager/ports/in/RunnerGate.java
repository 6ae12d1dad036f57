package org.pipecatmanager.ports.in;

import java.nio.ByteBuffer;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * Decides whether a runner's socket is let in, from its request head alone.
 *
 * <p><b>Threads.</b> Any; never blocks. Of two sockets for one direction of one session exactly one is admitted, and the
 * place is taken from admission until {@link Listener#closed}.
 */
public interface RunnerGate {
    /**
     * Decides on one socket.
     *
     * @param token what the socket presented as bearer token, empty for nothing
     */
    LinkAdmission admit(PipecatcallId id, LinkDirection direction, Secret token);

    /** The answer. */
    sealed interface LinkAdmission {
        /** Let in; {@code listener} hears of it from now on. */
        record Admitted(Listener listener) implements LinkAdmission {}

        /** Turned away. */
        record Refused(Refusal reason) implements LinkAdmission {}
    }

    /** Why a socket was turned away, with the HTTP status that says so. */
    enum Refusal {
        /** No or a wrong token. */
        UNAUTHORIZED(401),
        /** No such session, or it is ending. */
        NO_SESSION(404),
        /** That direction has its socket. */
        TAKEN(409);

        private final int httpStatus;

        Refusal(int httpStatus) {
            this.httpStatus = httpStatus;
        }

        public int httpStatus() {
            return httpStatus;
        }
    }

    /**
     * Hears one socket.
     *
     * <p><b>Threads.</b> One call at a time, in the order of the wire; never blocks. {@link #closed} comes exactly once and
     * last, also when {@link #opened} never came (the handshake failed).
     */
    interface Listener {
        /** The socket is open. */
        void opened(RunnerLink link);

        /**
         * Bot audio.
         *
         * @param pcm          16-bit little-endian mono samples from position to limit; valid only during the call
         * @param sampleRateHz its rate
         */
        void audio(ByteBuffer pcm, int sampleRateHz);

        /** The bot was interrupted: audio before this is dropped, audio after it is played. */
        void interrupted();

        /** Something about the conversation. */
        void message(RunnerMessage message);

        /** The socket is gone. */
        void closed(LinkEnd end);
    }
}
