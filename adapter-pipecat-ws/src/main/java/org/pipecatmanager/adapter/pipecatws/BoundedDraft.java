package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.util.List;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.InvalidFrameException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.Framedata;
import org.java_websocket.protocols.IProtocol;
import org.java_websocket.protocols.Protocol;

/**
 * RFC 6455 with a bound on the whole message. The library's own limit is looked at for the first and the last frame of
 * a message only,
 * so that one without a last frame would grow for ever.
 */
final class BoundedDraft extends Draft_6455 {
    private static final List<IProtocol> NO_PROTOCOL = List.of(new Protocol(""));

    private final List<IProtocol> protocols;
    private final int maxBytes;
    private long messageBytes;

    private BoundedDraft(List<IProtocol> protocols, int maxBytes) {
        super(List.of(), protocols, maxBytes);
        this.protocols = protocols;
        this.maxBytes = maxBytes;
    }

    /** For a socket whose handshake names no subprotocol; messages have {@code maxBytes} at most. */
    static BoundedDraft withoutProtocol(int maxBytes) {
        return new BoundedDraft(NO_PROTOCOL, maxBytes);
    }

    /** For a socket that speaks a subprotocol, which the answer names. */
    static BoundedDraft speaking(String protocol, int maxBytes) {
        return new BoundedDraft(List.of(new Protocol(protocol)), maxBytes);
    }

    @Override
    public void processFrame(WebSocketImpl socket, Framedata frame) throws InvalidDataException {
        Opcode opcode = frame.getOpcode();
        if (opcode == Opcode.CONTINUOUS || opcode == Opcode.BINARY || opcode == Opcode.TEXT) {
            messageBytes += frame.getPayloadData().remaining();
            if (messageBytes > maxBytes) {
                throw new LimitExceededException("a message exceeds " + maxBytes + " bytes", maxBytes);
            }
            if (frame.isFin()) {
                messageBytes = 0;
            }
        }
        super.processFrame(socket, frame);
    }

    @Override
    public Draft copyInstance() {
        return new BoundedDraft(protocols, maxBytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BoundedDraft that && maxBytes == that.maxBytes && protocols.equals(that.protocols);
    }

    @Override
    public int hashCode() {
        return Integer.hashCode(maxBytes);
    }

    /** The library fails on some input, such as a close frame whose reason is not UTF-8: that breaks the protocol, too. */
    @Override
    public List<Framedata> translateFrame(ByteBuffer buffer) throws InvalidDataException {
        try {
            return super.translateFrame(buffer);
        } catch (RuntimeException e) {
            throw new InvalidFrameException(e);
        }
    }
}
