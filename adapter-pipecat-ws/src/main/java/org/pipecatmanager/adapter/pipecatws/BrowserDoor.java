package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Locale;
import org.pipecatmanager.adapter.pipecatws.WebSocketConnection.Admitted;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegGate.LegAdmission;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets callers over WebSocket in. They have a loop of their own, so that whatever they do, runners are read as before; whether
 * they get a leg is decided there, by their head alone.
 */
final class BrowserDoor {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserDoor.class);

    /** The connection that asks; on the loop of the legs. */
    interface Visitor {
        /** It is turned away. */
        void refused(SelectionKey key, HttpAnswer answer, String counted);

        /** It is a leg now. */
        void upgraded();

        /** As a leg it is gone. */
        void left();

        /** It was gone before anything could be said. */
        void gone(String counted);
    }

    private final BrowserLegs legs;
    private final PipecatWsConfig config;
    private final LinkLoop loop;
    /** Touched only by the loop. */
    private int inside;

    BrowserDoor(BrowserLegs legs, PipecatWsConfig config) throws IOException {
        this.legs = legs;
        this.config = config;
        this.loop = new LinkLoop("browser-legs");
    }

    LinkLoop loop() {
        return loop;
    }

    /** Any thread: decides about it soon. The buffer is on the heap, its first {@code headBytes} are the request. */
    void knock(UpgradeRequest.Leg wanted, SocketChannel channel, ByteBuffer received, int headBytes, Visitor visitor) {
        loop.execute(() -> {
            try {
                letIn(wanted, channel, loop.register(channel), received, headBytes, visitor);
            } catch (IOException e) {
                Sockets.close(channel);
                visitor.gone("head_unfinished");
            }
        });
    }

    private void letIn(
            UpgradeRequest.Leg wanted,
            SocketChannel channel,
            SelectionKey key,
            ByteBuffer received,
            int headBytes,
            Visitor visitor)
            throws IOException {
        try {
            if (inside == legs.maxLegs()) {
                throw RequestException.unavailable(
                        "TOO_MANY_CONNECTIONS",
                        "all " + legs.maxLegs() + " places for callers over WebSocket are taken; try again later");
            }
            legs.access().check(wanted.token(), wanted.host(), wanted.origin());
            switch (legs.gate().admit(wanted.id(), LegGate.Origin.registered(channel.getRemoteAddress()))) {
                case LegAdmission.Refused(LegGate.Refusal reason) -> throw refusal(wanted, reason);
                case LegAdmission.Admitted(LegMedia media) -> begin(wanted, media, key, received, headBytes, visitor);
            }
        } catch (RequestException e) {
            visitor.refused(key, HttpAnswer.of(e), e.reason().toLowerCase(Locale.ROOT));
        } catch (RuntimeException e) {
            LOG.error("the gate failed for a caller of {}", wanted.id(), e);
            visitor.refused(key, HttpAnswer.of(500, "the daemon failed to decide; see its log"), "gate_failed");
        }
    }

    private void begin(
            UpgradeRequest.Leg wanted,
            LegMedia media,
            SelectionKey key,
            ByteBuffer received,
            int headBytes,
            Visitor visitor)
            throws IOException {
        visitor.upgraded();
        inside++;
        Admitted admitted = new Admitted("browser leg of " + wanted.id(), loop, key, config, legs.meter(), () -> {
            inside--;
            visitor.left();
        });
        BrowserLeg leg = new BrowserLeg(media, wanted.format(), admitted);
        try {
            leg.open(received, headBytes);
        } catch (IOException e) {
            leg.broken();
        }
    }

    private static RequestException refusal(UpgradeRequest.Leg wanted, LegGate.Refusal reason) {
        return switch (reason) {
            case UNKNOWN_ID ->
                new RequestException(
                        Status.NOT_FOUND,
                        reason.name(),
                        "call " + wanted.id() + " is not registered on this daemon, or its REGISTRATION_TTL is over;"
                                + " start one by POST /v1/pipecatcalls");
            case ALREADY_USED ->
                new RequestException(
                        Status.ALREADY_EXISTS,
                        reason.name(),
                        "call " + wanted.id() + " has, or had, its caller, or is text only; start another one");
            case NOT_READY ->
                new RequestException(
                        Status.FAILED_PRECONDITION,
                        reason.name(),
                        "call " + wanted.id() + " is still being prepared; try again in a moment");
            case FULL ->
                RequestException.unavailable(reason.name(), "this daemon carries as many calls as it may; try later");
            case STOPPING -> RequestException.unavailable(reason.name(), "this daemon is stopping; try another");
        };
    }
}
