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

    private final int maxBytes;
    private long messageBytes;

    BoundedDraft(int maxBytes) {
        super(List.of(), NO_PROTOCOL, maxBytes);
        this.maxBytes = maxBytes;
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
        return new BoundedDraft(maxBytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BoundedDraft that && maxBytes == that.maxBytes;
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
