package org.pipecatmanager.adapter.audiosocket;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.LegGate.LegAdmission;
import org.pipecatmanager.ports.in.LegGate.Origin;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted socket, from its first byte to its close. Belongs to one loop thread.
 *
 * <p>It waits for an id, is a leg while it is let in, and ends: hangup message, end of our output, then reading and
 * discarding until the far end closes too or {@code closeGrace} is over. Closing with unread data would send a reset, which
 * Asterisk takes for an error. Several ways to the end meet here (the media, the far end, a deadline, the server): the
 * first one counts, the others find the connection ending and do nothing.
 */
final class Connection extends DeadlineHeap.Waiting {
    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private enum Phase {
        HANDSHAKE,
        LEG,
        ENDING,
        CLOSED
    }

    private final AudioLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final SocketAddress remote;
    private final String agent;
    private final boolean turnedAway;
    private final FrameWriter writer;
    private final FloodGuard floodGuard;
    private final AudioSocketDecoder decoder = new AudioSocketDecoder();
    private final byte[] held = new byte[AudioSocketDecoder.MAX_HELD_BYTES];
    private int heldBytes;
    private Phase phase = Phase.HANDSHAKE;
    private @Nullable Leg leg;
    private @Nullable CloseReason reason;
    private boolean inputDone;
    private boolean outputDone;

    Connection(AudioLoop loop, SelectionKey key, Arrival arrival, long nowNanos) {
        this.loop = loop;
        this.channel = arrival.channel();
        this.key = key;
        this.remote = arrival.remote();
        this.agent = arrival.agent();
        this.turnedAway = arrival.turnedAway() != null;
        this.writer = new FrameWriter(channel, loop.writeScratch(), loop.setup().meter());
        this.floodGuard = new FloodGuard(nowNanos);
    }

    /**
     * The loop serves it from now on.
     *
     * @param refusal why it is not let in, or null
     */
    void opened(@Nullable CloseReason refusal, long nowNanos) {
        if (refusal != null) {
            end(refusal, nowNanos);
        } else {
            loop.deadlines()
                    .schedule(
                            this,
                            nowNanos + loop.setup().config().handshakeTimeout().toNanos());
        }
    }

    /** The socket can be read or written. */
    void ready(long nowNanos) {
        if (key.isValid() && key.isWritable()) {
            writer.flush();
            afterWrite();
        }
        if (key.isValid() && key.isReadable()) {
            read(nowNanos);
        }
    }

    @Override
    void due(long nowNanos) {
        switch (phase) {
            case HANDSHAKE -> end(CloseReason.HANDSHAKE_TIMEOUT, nowNanos);
            case LEG -> tick(nowNanos);
            case ENDING -> close();
            case CLOSED -> {}
        }
    }

    /** The server stops. */
    void stop(long nowNanos) {
        if (phase == Phase.HANDSHAKE || phase == Phase.LEG) {
            end(CloseReason.SERVER_STOPPED, nowNanos);
        }
    }

    /** The loop cannot go on: closes at once. */
    void abandon() {
        if (phase == Phase.HANDSHAKE || phase == Phase.LEG) {
            gone(CloseReason.SERVER_STOPPED);
        }
        close();
    }

    /** Something of ours threw while it served this connection. */
    void failed(Throwable failure, long nowNanos) {
        LOG.error("audio connection {} from {} is ended by an error of ours", name(), remote, failure);
        end(CloseReason.INTERNAL_ERROR, nowNanos);
    }

    private void read(long nowNanos) {
        ByteBuffer in = loop.readBuffer().clear().put(held, 0, heldBytes);
        int bytes;
        try {
            bytes = channel.read(in);
        } catch (IOException e) {
            resetByPeer();
            return;
        }
        if (bytes < 0) {
            endOfInput(nowNanos);
        } else if (phase != Phase.ENDING) {
            if (!floodGuard.allows(bytes, nowNanos)) {
                LOG.warn(
                        "audio connection {} from {} is ended: it sent more than {} bytes a second",
                        name(),
                        remote,
                        FloodGuard.BYTES_PER_SECOND);
                end(CloseReason.FLOOD, nowNanos);
                return;
            }
            takeApart(in.flip(), nowNanos);
        }
    }

    private void takeApart(ByteBuffer in, long nowNanos) {
        boolean more = true;
        while (more && (phase == Phase.HANDSHAKE || phase == Phase.LEG)) {
            AudioSocketDecoder.Part part = decoder.next(in);
            more = part != AudioSocketDecoder.Part.NEED_MORE;
            if (more && leg == null) {
                handshake(part, nowNanos);
            } else if (more && leg != null) {
                take(part, leg, nowNanos);
            }
        }
        if (!more) {
            heldBytes = in.remaining();
            in.get(held, 0, heldBytes);
        }
    }

    private void handshake(AudioSocketDecoder.Part part, long nowNanos) {
        switch (part) {
            case ID -> admit(decoder.id(), nowNanos);
            case HANG_UP -> end(CloseReason.NO_ID, nowNanos);
            default -> end(CloseReason.NOT_AUDIOSOCKET, nowNanos);
        }
    }

    private void admit(UUID uuid, long nowNanos) {
        if (uuid.getMostSignificantBits() == 0 && uuid.getLeastSignificantBits() == 0) {
            end(CloseReason.UNKNOWN_ID, nowNanos);
            return;
        }
        PipecatcallId id = new PipecatcallId(uuid);
        switch (loop.setup().gate().admit(id, new Origin(remote, agent))) {
            case LegAdmission.Refused refused -> end(CloseReason.of(refused.reason()), nowNanos);
            case LegAdmission.Admitted admitted -> {
                LegFormat format = new LegFormat(loop.setup().config().requestedFormat());
                leg = new Leg(id, admitted.media(), format, writer);
                phase = Phase.LEG;
                tick(nowNanos);
            }
        }
    }

    private void take(AudioSocketDecoder.Part part, Leg leg, long nowNanos) {
        switch (part) {
            case AUDIO_STARTS -> {
                if (leg.audioStarts(decoder.audioKind(), decoder.messageBytes(), nowNanos)) {
                    loop.setup().meter().odd("codec_audio");
                    LOG.warn(
                            "leg {} from {} sends 160-byte messages 50 times a second: that is the caller's mu-law or A-law"
                                    + " under the name of 16-bit audio, and will be heard as noise; add /c(slin) to the Dial:"
                                    + " Dial(AudioSocket/host:port/uuid/c(slin)), or with ARI externalMedia ask for format=slin",
                            leg.id(),
                            remote);
                }
            }
            case AUDIO -> leg.callerAudio(loop.readView(decoder.audioOffset(), decoder.audioBytes()));
            case ODD_BYTE -> loop.setup().meter().dropped("odd_byte");
            case KEY -> leg.pressed(decoder.key());
            case SKIPPED -> loop.setup().meter().dropped("unknown_message");
            case HANG_UP -> end(CloseReason.HUNG_UP, nowNanos);
            case ERROR -> {
                LOG.warn(
                        "leg {} from {} sent an error message, code {} (-1: none)",
                        leg.id(),
                        remote,
                        decoder.errorCode());
                end(CloseReason.ERROR_FROM_PEER, nowNanos);
            }
            case ID, MALFORMED_ID -> end(CloseReason.PROTOCOL_ERROR, nowNanos);
            case NEED_MORE -> throw new IllegalStateException("nothing was found in the stream of leg " + leg.id());
        }
    }

    private void tick(long nowNanos) {
        if (leg == null) {
            throw new IllegalStateException("a connection from " + remote + " without a leg wants a tick");
        }
        if (writer.fullForNanos(nowNanos) > loop.setup().config().stallTimeout().toNanos()) {
            LOG.warn(
                    "leg {} from {} is ended: it has not taken our audio for {}",
                    leg.id(),
                    remote,
                    loop.setup().config().stallTimeout());
            end(CloseReason.STALLED, nowNanos);
            return;
        }
        long next = leg.tick(nowNanos);
        if (leg.isEnded()) {
            end(CloseReason.CLOSED_BY_US, nowNanos);
            return;
        }
        if (next - nowNanos <= 0) {
            throw new IllegalStateException("leg " + leg.id() + " asked to be called " + (nowNanos - next)
                    + " ns before now; ask for a moment later than now");
        }
        loop.deadlines().schedule(this, next);
        afterWrite();
    }

    /** A write may have failed, or left something for which the socket has no room. */
    private void afterWrite() {
        if (writer.isBroken()) {
            resetByPeer();
        } else if (phase == Phase.ENDING) {
            finishOutput();
        } else {
            awaitIo();
        }
    }

    private void endOfInput(long nowNanos) {
        inputDone = true;
        switch (phase) {
            case HANDSHAKE -> end(CloseReason.NO_ID, nowNanos);
            case LEG -> end(CloseReason.HUNG_UP, nowNanos);
            case ENDING -> finishOutput();
            case CLOSED -> {}
        }
    }

    private void resetByPeer() {
        gone(leg == null ? CloseReason.NO_ID : CloseReason.HUNG_UP);
        close();
    }

    /** Ends in order: hangup, end of our output, the far end's close. The first reason counts. */
    private void end(CloseReason why, long nowNanos) {
        if (phase == Phase.ENDING || phase == Phase.CLOSED) {
            return;
        }
        gone(why);
        if (why == CloseReason.STALLED) {
            writer.dropPending();
        }
        loop.deadlines()
                .schedule(this, nowNanos + loop.setup().config().closeGrace().toNanos());
        writer.hangUp(nowNanos);
        afterWrite();
    }

    /** From here on it is no leg and takes no place; the media are told, once. */
    private void gone(CloseReason why) {
        if (phase == Phase.ENDING || phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.ENDING;
        reason = why;
        if (!turnedAway) {
            loop.setup().door().left();
        }
        if (leg != null) {
            try {
                leg.closed(legEnd(why));
            } catch (Throwable failure) {
                reason = CloseReason.INTERNAL_ERROR;
                LOG.error("leg {} from {} was closed, and telling its media so failed", leg.id(), remote, failure);
            }
        }
    }

    private static LegEnd legEnd(CloseReason why) {
        return switch (why) {
            case HUNG_UP -> LegEnd.HUNG_UP;
            case ERROR_FROM_PEER -> LegEnd.ERROR_FROM_PEER;
            case PROTOCOL_ERROR, FLOOD -> LegEnd.PROTOCOL_ERROR;
            case STALLED -> LegEnd.STALLED;
            case SERVER_STOPPED -> LegEnd.SERVER_STOPPED;
            default -> LegEnd.CLOSED_BY_US;
        };
    }

    private void finishOutput() {
        if (!writer.isFull() && !outputDone) {
            outputDone = true;
            try {
                channel.shutdownOutput();
            } catch (IOException e) {
                inputDone = true;
            }
        }
        if (outputDone && inputDone) {
            close();
        } else {
            awaitIo();
        }
    }

    private void awaitIo() {
        int ops = (inputDone ? 0 : SelectionKey.OP_READ) | (writer.isFull() ? SelectionKey.OP_WRITE : 0);
        if (key.isValid() && key.interestOps() != ops) {
            key.interestOps(ops);
        }
    }

    private void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        loop.deadlines().remove(this);
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing the audio connection from {} failed", remote, e);
        }
        if (turnedAway) {
            loop.setup().door().turnedAwayGone();
        }
        loop.closed(this);
        loop.setup().meter().closed((reason == null ? CloseReason.INTERNAL_ERROR : reason).label());
    }

    private String name() {
        return leg == null ? "without an id" : leg.id().toString();
    }
}
