package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.Handshakedata;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.LinkEnd.Cause;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One admitted WebSocket, whoever is at its far end.
 *
 * <p>Java-WebSocket is the codec: handshake, control frames, fragments, close codes. Whole binary messages, fifty and more a second
 * each way, go past it ({@link InputFrames}, {@link LinkOutput}). The socket and its thread are the loop's: everything is heard on
 * the loop thread. Senders write to the socket themselves while it takes everything, and else leave their message in the bounded
 * queue for the loop.
 */
abstract class WebSocketConnection implements LoopConnection {
    private static final Logger LOG = LoggerFactory.getLogger(WebSocketConnection.class);
    /** Unanswered pings that end a connection. */
    private static final int PINGS = 2;
    /** Pongs may pile up to here; a peer that pings faster than it reads gets no more. */
    private static final int MAX_UNSENT = 16;
    /** Characters of a close reason: RFC 6455 §5.5 leaves 123 bytes, and ours are ASCII. */
    private static final int MAX_REASON = 120;

    /**
     * An admitted socket and who counts it.
     *
     * @param name   what it is called in the log, such as {@code link of <id>}
     * @param onGone runs once, when the socket is closed
     */
    record Admitted(
            String name,
            LinkLoop loop,
            SelectionKey key,
            PipecatWsConfig config,
            ConnectionMeter meter,
            Runnable onGone) {}

    private final Admitted admitted;
    private final SocketChannel channel;
    private final SendQueue queue;
    private final LinkOutput output;
    private final AtomicBoolean flushAsked = new AtomicBoolean();
    private volatile boolean closeAsked;

    // Touched only by the loop.
    private final WebSocketImpl socket;
    private final InputFrames input = new InputFrames(new Input());
    private @Nullable LinkEnd end;
    private boolean codecUsed;
    private boolean told;
    private boolean gone;
    private long heardNanos = System.nanoTime();
    private long closeDeadlineNanos;
    private boolean blocked;
    private long blockedSinceNanos;
    private int pings;

    /** Takes over an admitted socket; loop thread. */
    WebSocketConnection(Admitted admitted, SendQueue queue, BoundedDraft draft) {
        this.admitted = admitted;
        this.channel = (SocketChannel) admitted.key().channel();
        this.queue = queue;
        this.socket = new WebSocketImpl(new Callbacks(), List.of(draft));
        this.output = new LinkOutput(
                channel,
                queue,
                socket.outQueue,
                this::flushSoon,
                () -> admitted.loop().execute(this::broken));
    }

    // ---- what it is for; all on the loop

    /** The handshake is done. */
    abstract void opened();

    /** A whole binary message, in {@code bytes} from {@code from} to {@code to}; nothing is kept of it. */
    abstract void received(byte[] bytes, int from, int to) throws ProtocolViolation;

    /** A binary message that came in pieces, from position to limit. */
    abstract void received(ByteBuffer message) throws ProtocolViolation;

    /** A text message. */
    abstract void received(String message) throws ProtocolViolation;

    /** Bytes were read, before anything of them is heard. */
    void arrived(int bytes) throws ProtocolViolation {}

    /** How it ends is settled; once. Nothing is heard any more; while it is still open, {@link #sendText} may say so. */
    void ending(LinkEnd how) {}

    /** It is over; once, and last. */
    abstract void ended(LinkEnd how);

    /** Why it was closed, as a metric label. */
    abstract String closedAs(LinkEnd how);

    /** Answers the upgrade; {@code received}, on the heap, is its head and whatever came with it. Loop thread. */
    final void open(ByteBuffer received, int headBytes) throws IOException {
        admitted.meter().opened();
        admitted.key().attach(this);
        int whole = received.limit();
        socket.decode(received.limit(headBytes));
        input.take(received.limit(whole).position(headBytes));
        drain();
    }

    final Admitted admitted() {
        return admitted;
    }

    final LinkOutput output() {
        return output;
    }

    final SendQueue queue() {
        return queue;
    }

    /** Whether its end is settled; loop thread. */
    final boolean isEnding() {
        return end != null;
    }

    /** How long, without a break, the socket has taken nothing; loop thread. */
    final long blockedForNanos(long nowNanos) {
        return blocked ? nowNanos - blockedSinceNanos : 0;
    }

    /** Closes in order once everything queued has left; any thread. */
    final void closeWhenSent() {
        queue.close();
        closeAsked = true;
        flushSoon();
    }

    /** What is queued leaves soon; any thread. */
    final void flushSoon() {
        if (flushAsked.compareAndSet(false, true)) {
            admitted.loop().execute(() -> {
                flushAsked.set(false);
                attemptDrain();
            });
        }
    }

    /** What must not be dropped has no room: ends it as stalled; any thread. */
    final void overrun() {
        queue.discard();
        admitted.loop().execute(() -> cut(Cause.STALLED));
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
            admit(scratch.remaining());
            input.take(scratch);
            if (codecUsed || end != null) {
                drain();
            }
        }
    }

    private void admit(int bytes) {
        try {
            if (end == null) {
                arrived(bytes);
            }
        } catch (ProtocolViolation e) {
            violated(e.closeCode(), e.what());
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
        } else if (nowNanos - heardNanos > admitted.config().pingInterval().toNanos() * (pings + 1)) {
            if (pings == PINGS) {
                LOG.warn(
                        "{} ends: none of {} pings, {} apart, was answered",
                        admitted.name(),
                        PINGS,
                        admitted.config().pingInterval());
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
        tell();
        released();
    }

    @Override
    public void stop() {
        finish(Cause.CLOSED_BY_US, CloseFrame.GOING_AWAY, "the daemon stops");
        attemptDrain();
    }

    // ---- sending

    /** Sends what can be sent, on the loop; a socket that fails is broken. */
    final void attemptDrain() {
        try {
            drain();
        } catch (IOException e) {
            broken();
        }
    }

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
                    if (!blocked) {
                        blocked = true;
                        blockedSinceNanos = System.nanoTime();
                    }
                    interest(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    return;
                }
                case ALL -> {
                    blocked = false;
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

    /** Sends text before anything queued; loop thread, without effect when it is not open. */
    final void sendText(String text) {
        if (socket.isOpen()) {
            socket.send(text);
        }
    }

    private void interest(int ops) {
        SelectionKey key = admitted.key();
        if (key.interestOps() != ops) {
            key.interestOps(ops);
        }
    }

    // ---- ending

    /** Begins the orderly end: nothing is heard any more, the close frame is the last thing sent. */
    final void finish(Cause cause, int code, String reason) {
        if (end == null) {
            settle(new LinkEnd(code, cause));
            output.shut();
            socket.close(code, reason);
        }
    }

    /** Ends without a close frame. */
    final void cut(Cause cause) {
        settle(new LinkEnd(CloseFrame.ABNORMAL_CLOSE, cause));
        broken();
    }

    /** The first end counts. */
    private LinkEnd settle(LinkEnd how) {
        LinkEnd before = end;
        if (before != null) {
            return before;
        }
        end = how;
        closeDeadlineNanos =
                System.nanoTime() + admitted.config().closeTimeout().toNanos();
        try {
            ending(how);
        } catch (RuntimeException e) {
            LOG.error("{} ends, and telling so failed", admitted.name(), e);
        }
        return how;
    }

    /** The close frame is out: it is over, its socket gets a moment to end in order. */
    private void leave() {
        gone = true;
        queue.discard();
        tell();
        LingeringConnection.end(
                admitted.key(),
                ByteBuffer.allocate(0),
                admitted.config().closeTimeout().toNanos(),
                this::released);
    }

    private void released() {
        admitted.meter().closed(closedAs(settle(new LinkEnd(CloseFrame.ABNORMAL_CLOSE, Cause.BROKEN))));
        admitted.onGone().run();
    }

    private void tell() {
        LinkEnd how = settle(new LinkEnd(CloseFrame.ABNORMAL_CLOSE, Cause.BROKEN));
        if (!told) {
            told = true;
            try {
                ended(how);
            } catch (RuntimeException e) {
                LOG.error("the end of {} could not be handled", admitted.name(), e);
            }
        }
    }

    /** What the codec tells, on the loop. */
    private final class Callbacks extends CodecCallbacks {
        @Override
        public void onWebsocketOpen(WebSocket conn, Handshakedata handshake) {
            heardNanos = System.nanoTime();
            output.open();
            guarded(WebSocketConnection.this::opened);
        }

        @Override
        public void onWebsocketMessage(WebSocket conn, ByteBuffer message) {
            if (end == null) {
                guarded(() -> received(message));
            }
        }

        @Override
        public void onWebsocketMessage(WebSocket conn, String message) {
            if (end == null) {
                guarded(() -> received(message));
            }
        }

        @Override
        public void onWebsocketClosing(WebSocket ws, int code, String reason, boolean remote) {
            output.shut();
            if (end == null) {
                boolean orderly = code == CloseFrame.NORMAL || code == CloseFrame.GOING_AWAY;
                if (!remote) {
                    LOG.warn("{} ends: what came is not WebSocket, close code {}", admitted.name(), code);
                }
                Cause byPeer = orderly ? Cause.CLOSED_BY_RUNNER : Cause.FAILED_BY_RUNNER;
                settle(new LinkEnd(
                        code < CloseFrame.NORMAL ? CloseFrame.ABNORMAL_CLOSE : code,
                        remote ? byPeer : Cause.PROTOCOL_ERROR));
            }
            closeDeadlineNanos =
                    System.nanoTime() + admitted.config().closeTimeout().toNanos();
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
                received(bytes, from, to);
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
            LOG.warn("{} ends: {}", admitted.name(), what);
            finish(Cause.PROTOCOL_ERROR, code, what.substring(0, Math.min(what.length(), MAX_REASON)));
        }
    }

    /** Does a step of the subclass; what it throws ends the connection. Loop thread. */
    final void guarded(Step step) {
        try {
            step.take();
        } catch (ProtocolViolation e) {
            violated(e.closeCode(), e.what());
        } catch (RuntimeException e) {
            defect(e);
        }
    }

    /** Something of ours threw. */
    void defect(RuntimeException failure) {
        LOG.error("{} ends on a defect of ours", admitted.name(), failure);
        finish(Cause.CLOSED_BY_US, CloseFrame.UNEXPECTED_CONDITION, "");
    }

    /** One step. */
    interface Step {
        void take() throws ProtocolViolation;
    }
}
