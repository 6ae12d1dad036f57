package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.Handshakedata;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.LinkEnd.Cause;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.RunnerLink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One admitted socket of a runner.
 *
 * <p>Java-WebSocket is the codec: handshake, control frames, fragments, close codes. Whole binary messages, fifty and more a second
 * each way, go past it ({@link InputFrames}, {@link LinkOutput}). The socket and its thread are the loop's, and so is the
 * listener's: it hears everything on the loop thread. Senders write to the socket themselves while it takes everything, and else
 * leave their message in the bounded queue for the loop.
 */
final class PipecatWsLink implements RunnerLink, LoopConnection {
    private static final Logger LOG = LoggerFactory.getLogger(PipecatWsLink.class);
    /** Unanswered pings that end a link. */
    private static final int PINGS = 2;
    /** Pongs may pile up to here; a peer that pings faster than it reads gets no more. */
    private static final int MAX_UNSENT = 16;
    /** Characters of a close reason: RFC 6455 §5.5 leaves 123 bytes, and ours are ASCII. */
    private static final int MAX_REASON = 120;

    private final PipecatcallId id;
    private final LinkDirection direction;
    private final RunnerGate.Listener listener;
    private final LinkLoop loop;
    private final SelectionKey key;
    private final SocketChannel channel;
    private final PipecatWsConfig config;
    private final ConnectionMeter meter;
    private final Runnable onGone;

    private final SendQueue queue;
    private final AtomicBoolean flushAsked = new AtomicBoolean();
    private final AtomicLong lastId = new AtomicLong();
    private volatile boolean closeAsked;

    private final LinkOutput output;

    // Touched only by the loop.
    private final WebSocketImpl socket;
    private final FrameReader reader;
    private final InputFrames input = new InputFrames(new Input());
    private @Nullable LinkEnd end;
    private boolean codecUsed;
    private boolean told;
    private boolean gone;
    private long heardNanos = System.nanoTime();
    private long closeDeadlineNanos;
    private int pings;

    /**
     * Takes over an admitted socket; loop thread.
     *
     * @param onGone runs once, when the socket is closed
     */
    PipecatWsLink(
            UpgradeRequest.Wanted admitted,
            RunnerGate.Listener listener,
            LinkLoop loop,
            SelectionKey key,
            PipecatWsConfig config,
            ConnectionMeter meter,
            Runnable onGone) {
        this.id = admitted.id();
        this.direction = admitted.direction();
        this.listener = listener;
        this.loop = loop;
        this.key = key;
        this.channel = (SocketChannel) key.channel();
        this.config = config;
        this.meter = meter;
        this.onGone = onGone;
        this.queue = new SendQueue(config.audioQueue(), config.controlQueue());
        this.reader = new FrameReader(listener, meter);
        this.socket = new WebSocketImpl(new Callbacks(), List.of(new BoundedDraft(PipecatWsConfig.MAX_MESSAGE_BYTES)));
        this.output =
                new LinkOutput(channel, queue, socket.outQueue, this::flushSoon, () -> loop.execute(this::broken));
    }

    /** Answers the upgrade; {@code received}, on the heap, is its head and whatever came with it. Loop thread. */
    void open(ByteBuffer received, int headBytes) throws IOException {
        meter.opened();
        key.attach(this);
        int end = received.limit();
        socket.decode(received.limit(headBytes));
        input.take(received.limit(end).position(headBytes));
        drain();
    }

    // ---- RunnerLink: any thread. Media are written by the leg's loop itself; commands never are, because their
    // threads may be
    // interrupted, and an interrupt closes the channel that is written to.

    @Override
    public LinkDirection direction() {
        return direction;
    }

    @Override
    public void audio(short[] samples, int offset, int length, int sampleRateHz) {
        if (output.tryAudio(samples, offset, length, sampleRateHz)) {
            return;
        }
        if (queue.offerAudio(ServerFrame.of(FrameCodec.encodeAudio(samples, offset, length, sampleRateHz)))) {
            meter.dropped("audio");
        }
        flushSoon();
    }

    @Override
    public void send(RunnerCommand command) {
        String json = RtviCodec.encode(command, "d" + lastId.incrementAndGet());
        control(json == null ? FrameCodec.encodeInterruption() : FrameCodec.encodeMessage(json));
    }

    @Override
    public void playout(long positionMillis, long limitMillis, long queuedMillis) {
        if (!output.tryPlayout(positionMillis, limitMillis, queuedMillis)) {
            control(FrameCodec.encodeMessage(RtviCodec.encodePlayout(positionMillis, limitMillis, queuedMillis)));
        }
    }

    @Override
    public void playoutAndAudio(
            long positionMillis,
            long limitMillis,
            long queuedMillis,
            short[] samples,
            int offset,
            int length,
            int sampleRateHz) {
        if (!output.tryPlayoutAndAudio(
                positionMillis, limitMillis, queuedMillis, samples, offset, length, sampleRateHz)) {
            playout(positionMillis, limitMillis, queuedMillis);
            audio(samples, offset, length, sampleRateHz);
        }
    }

    @Override
    public void flushed(long atMillis, long droppedMillis, long limitMillis) {
        byte[] message = FrameCodec.encodeMessage(RtviCodec.encodeFlushed(atMillis, droppedMillis, limitMillis));
        if (!output.tryFrame(ServerFrame.of(message))) {
            control(message);
        }
    }

    private void control(byte[] message) {
        if (queue.offerControl(ServerFrame.of(message))) {
            flushSoon();
        } else {
            queue.discard();
            loop.execute(() -> cut(Cause.STALLED));
        }
    }

    @Override
    public void close() {
        queue.close();
        closeAsked = true;
        flushSoon();
    }

    private void flushSoon() {
        if (flushAsked.compareAndSet(false, true)) {
            loop.execute(() -> {
                flushAsked.set(false);
                attemptDrain();
            });
        }
    }

    // ---- LoopConnection: the loop

    @Override
    public void readable(ByteBuffer scratch) throws IOException {
        if (channel.read(input.begin(scratch)) < 0) {
            cut(Cause.BROKEN);
            return;
        }
        scratch.flip();
        if (scratch.hasRemaining()) {
            heardNanos = System.nanoTime();
            pings = 0;
            codecUsed = false;
            input.take(scratch);
            if (codecUsed || end != null) {
                drain();
            }
        }
    }

    @Override
    public void writable() throws IOException {
        drain();
    }

    @Override
    public void tick(long nowNanos) throws IOException {
        if (end != null) {
            if (nowNanos - closeDeadlineNanos >= 0) {
                broken();
            }
        } else if (nowNanos - heardNanos > config.pingInterval().toNanos() * (pings + 1)) {
            if (pings == PINGS) {
                LOG.warn(
                        "runner of {} answered none of {} pings, {} apart; its link ends",
                        id,
                        PINGS,
                        config.pingInterval());
                cut(Cause.BROKEN);
                return;
            }
            pings++;
            if (!socket.hasBufferedData()) {
                socket.sendPing();
                drain();
            }
        }
    }

    @Override
    public void broken() {
        if (gone) {
            return;
        }
        gone = true;
        output.shut();
        queue.discard();
        Sockets.close(channel);
        tell(end == null ? new LinkEnd(CloseFrame.ABNORMAL_CLOSE, Cause.BROKEN) : end);
        released();
    }

    @Override
    public void stop() {
        finish(Cause.CLOSED_BY_US, CloseFrame.GOING_AWAY, "the daemon stops");
        attemptDrain();
    }

    // ---- sending

    private void attemptDrain() {
        try {
            drain();
        } catch (IOException e) {
            broken();
        }
    }

    /** Sends what can be sent. */
    private void drain() throws IOException {
        if (gone) {
            return;
        }
        while (true) {
            switch (output.drain()) {
                case HELD -> {
                    return;
                }
                case BLOCKED -> {
                    interest(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
                case ALL -> {
                    if (socket.isFlushAndClose()) {
                        leave();
                        return;
                    }
                    if (!closeAsked || end != null || !socket.isOpen()) {
                        interest(SelectionKey.OP_READ);
                        return;
                    }
                    finish(Cause.CLOSED_BY_US, CloseFrame.NORMAL, "");
                }
            }
        }
    }

    private void interest(int ops) {
        if (key.interestOps() != ops) {
            key.interestOps(ops);
        }
    }

    // ---- ending

    /** Begins the orderly end: nothing is heard any more, the close frame is the last thing sent. */
    private void finish(Cause cause, int code, String reason) {
        if (end == null) {
            end = new LinkEnd(code, cause);
            output.shut();
            socket.close(code, reason);
        }
    }

    /** Ends without a close frame. */
    private void cut(Cause cause) {
        if (end == null) {
            end = new LinkEnd(CloseFrame.ABNORMAL_CLOSE, cause);
        }
        broken();
    }

    /** The close frame is out: the link is over, its socket gets a moment to end in order. */
    private void leave() {
        gone = true;
        queue.discard();
        tell(end == null ? new LinkEnd(CloseFrame.ABNORMAL_CLOSE, Cause.BROKEN) : end);
        LingeringConnection.end(
                key, ByteBuffer.allocate(0), config.closeTimeout().toNanos(), this::released);
    }

    private void released() {
        Cause cause = end == null ? Cause.BROKEN : end.cause();
        meter.closed(cause.name().toLowerCase(Locale.ROOT));
        onGone.run();
    }

    private void tell(LinkEnd how) {
        end = how;
        if (!told) {
            told = true;
            try {
                listener.closed(how);
            } catch (RuntimeException e) {
                LOG.error("the end of the link of {} could not be handled", id, e);
            }
        }
    }

    /** What the codec tells, on the loop. */
    private final class Callbacks extends CodecCallbacks {
        @Override
        public void onWebsocketOpen(WebSocket conn, Handshakedata handshake) {
            heardNanos = System.nanoTime();
            output.open();
            guarded(() -> listener.opened(PipecatWsLink.this));
        }

        @Override
        public void onWebsocketMessage(WebSocket conn, ByteBuffer message) {
            if (end == null) {
                guarded(() -> reader.read(message));
            }
        }

        @Override
        public void onWebsocketMessage(WebSocket conn, String message) {
            violated(CloseFrame.REFUSE, "a text message came; frames are binary");
        }

        @Override
        public void onWebsocketClosing(WebSocket ws, int code, String reason, boolean remote) {
            closeDeadlineNanos = System.nanoTime() + config.closeTimeout().toNanos();
            output.shut();
            if (end == null) {
                boolean orderly = code == CloseFrame.NORMAL || code == CloseFrame.GOING_AWAY;
                if (!remote) {
                    LOG.warn("link of {} ends: what came is not WebSocket, close code {}", id, code);
                }
                Cause byRunner = orderly ? Cause.CLOSED_BY_RUNNER : Cause.FAILED_BY_RUNNER;
                end = new LinkEnd(
                        code < CloseFrame.NORMAL ? CloseFrame.ABNORMAL_CLOSE : code,
                        remote ? byRunner : Cause.PROTOCOL_ERROR);
            }
        }

        @Override
        public void onWebsocketPing(WebSocket conn, Framedata ping) {
            if (socket.isOpen() && socket.outQueue.size() < MAX_UNSENT) {
                super.onWebsocketPing(conn, ping);
            }
        }
    }

    /** What arrives, on the loop. */
    private final class Input implements InputFrames.Sink {
        @Override
        public void message(byte[] bytes, int from, int to) {
            if (end != null) {
                return;
            }
            try {
                reader.read(bytes, from, to, loop.littleEndian(bytes));
            } catch (ProtocolViolation e) {
                violated(e.closeCode(), e.what());
            } catch (RuntimeException e) {
                defect(e);
            }
        }

        @Override
        public void codec(ByteBuffer in) {
            codecUsed = true;
            socket.decode(in);
        }
    }

    private void violated(int code, String what) {
        if (end == null) {
            LOG.warn("link of {} ends: {}", id, what);
            finish(Cause.PROTOCOL_ERROR, code, what.substring(0, Math.min(what.length(), MAX_REASON)));
        }
    }

    private void guarded(Step step) {
        try {
            step.take();
        } catch (ProtocolViolation e) {
            violated(e.closeCode(), e.what());
        } catch (RuntimeException e) {
            defect(e);
        }
    }

    private void defect(RuntimeException failure) {
        LOG.error("link of {} ends on a defect of ours", id, failure);
        finish(Cause.CLOSED_BY_US, CloseFrame.UNEXPECTED_CONDITION, "");
    }

    private interface Step {
        void take() throws ProtocolViolation;
    }
}
