package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Role;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.Handshakedata;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * A link without a network, and the runner at its other end: bytes go through the same handshake, frames, queue and
 * codecs as a real link's. A daemon plays a call on it before it listens, so that classes are loaded when a caller comes.
 *
 * <p><b>Threads.</b> {@link #open}, {@link #speak} and {@link #interrupt} one thread, which the listener is called on; the rest as {@link
 * RunnerLink} says, {@link #close} tells the listener on the thread that calls.
 */
public final class RehearsalLink implements RunnerLink {
    private static final int RATE_HZ = 16_000;
    private static final int CHUNK_SAMPLES = RATE_HZ / 50;
    /** Of 32767. */
    private static final short LOUDNESS = 1_000;
    /** Messages of each kind that may wait; more than a rehearsal brings. */
    private static final int ROOM = 64;

    private static final String UPGRADE = String.join(
            "\r\n",
            "GET /rehearsal/ws HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
            "",
            "");

    /** One of everything that a turn consists of: type, then data. */
    private static final List<List<String>> TURN = List.of(
            List.of("bot-ready", "{'version':'2.2.0'}"),
            List.of("user-started-speaking", "{}"),
            List.of("user-transcription", "{'text':'hello','final':true}"),
            List.of("user-stopped-speaking", "{}"),
            List.of("user-llm-text", "{'text':'hello'}"),
            List.of("bot-llm-started", "{}"),
            List.of("bot-llm-text", "{'text':'Hello.'}"),
            List.of("bot-llm-stopped", "{}"),
            List.of("bot-transcription", "{'text':'Hello.'}"),
            List.of("bot-started-speaking", "{}"),
            List.of("llm-function-call-in-progress", "{'tool_call_id':'1','function_name':'f'}"),
            List.of("llm-function-call-stopped", "{'tool_call_id':'1','function_name':'f'}"),
            List.of("bot-output", "{'segment_id':'1','text':'Hello.','spoken_status':'completed'}"),
            List.of("metrics", "{'ttfb':[{'processor':'llm','value':0.1}]}"),
            List.of("bot-stopped-speaking", "{}"));

    private final RunnerGate.Listener listener;
    private final FrameReader reader;
    private final SendQueue queue = new SendQueue(ROOM, ROOM);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final WebSocketImpl socket =
            new WebSocketImpl(new Heard(), List.of(new BoundedDraft(PipecatWsConfig.MAX_MESSAGE_BYTES)));
    private final Draft_6455 runner = new BoundedDraft(PipecatWsConfig.MAX_MESSAGE_BYTES);

    /** Makes a link that is not open yet. */
    public RehearsalLink(RunnerGate.Listener listener) {
        this.listener = listener;
        this.reader = new FrameReader(listener, ConnectionMeter.NONE);
        this.runner.setParseMode(Role.CLIENT);
    }

    /** Shakes hands; the listener hears that the link is open. */
    public void open() {
        socket.decode(ByteBuffer.wrap(UPGRADE.getBytes(StandardCharsets.US_ASCII)));
        drain();
    }

    /** The messages of a turn of the conversation and 20 ms of speech, 16 kHz and not silent. */
    public void speak() {
        short[] speech = new short[CHUNK_SAMPLES];
        Arrays.fill(speech, LOUDNESS);
        receive(FrameCodec.encodeAudio(speech, 0, CHUNK_SAMPLES, RATE_HZ));
        for (List<String> message : TURN) {
            receive(FrameCodec.encodeMessage("{\"label\":\"rtvi-ai\",\"type\":\"" + message.getFirst() + "\",\"data\":"
                    + message.getLast().replace('\'', '"') + "}"));
        }
        drain();
    }

    /** The caller interrupts: what was spoken so far is void. */
    public void interrupt() {
        receive(FrameCodec.encodeInterruption());
        drain();
    }

    private void receive(byte[] message) {
        for (Framedata frame : runner.createFrames(ByteBuffer.wrap(message), true)) {
            socket.decode(runner.createBinaryFrame(frame));
        }
    }

    /** What a loop does, with nowhere to write to. */
    private void drain() {
        for (byte[] message = queue.poll(); message != null; message = queue.poll()) {
            socket.send(ByteBuffer.wrap(message));
        }
        socket.outQueue.clear();
    }

    @Override
    public LinkDirection direction() {
        return LinkDirection.BOTH;
    }

    @Override
    public void audio(short[] samples, int offset, int length, int sampleRateHz) {
        boolean unused = queue.offerAudio(FrameCodec.encodeAudio(samples, offset, length, sampleRateHz));
    }

    @Override
    public void send(RunnerCommand command) {
        String json = RtviCodec.encode(command, "1");
        control(json == null ? FrameCodec.encodeInterruption() : FrameCodec.encodeMessage(json));
    }

    @Override
    public void playout(long positionMillis, long limitMillis, long queuedMillis) {
        control(FrameCodec.encodeMessage(RtviCodec.encodePlayout(positionMillis, limitMillis, queuedMillis)));
    }

    @Override
    public void flushed(long atMillis, long droppedMillis, long limitMillis) {
        control(FrameCodec.encodeMessage(RtviCodec.encodeFlushed(atMillis, droppedMillis, limitMillis)));
    }

    private void control(byte[] message) {
        boolean unused = queue.offerControl(message);
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            listener.closed(new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_US));
        }
    }

    private final class Heard extends CodecCallbacks {
        @Override
        public void onWebsocketOpen(WebSocket conn, Handshakedata handshake) {
            listener.opened(RehearsalLink.this);
        }

        @Override
        public void onWebsocketMessage(WebSocket conn, ByteBuffer message) {
            try {
                reader.read(message);
            } catch (ProtocolViolation e) {
                throw new IllegalStateException("the codec refuses what it wrote", e);
            }
        }

        @Override
        public void onWebsocketMessage(WebSocket conn, String message) {
            throw new IllegalStateException("a text frame came, and none was sent");
        }

        @Override
        public void onWebsocketClosing(WebSocket ws, int code, String reason, boolean remote) {
            throw new IllegalStateException("the handshake or a frame was refused with " + code + ": " + reason);
        }
    }
}
