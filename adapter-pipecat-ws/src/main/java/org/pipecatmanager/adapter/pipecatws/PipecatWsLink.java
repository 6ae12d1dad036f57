package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.java_websocket.framing.CloseFrame;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.RunnerLink;

/**
 * One admitted socket of a runner: protobuf frames both ways. Its listener hears everything on the loop thread.
 *
 * <p>Senders are any thread. Media are written by the leg's loop itself; commands never are, because their threads may be
 * interrupted, and an interrupt closes the channel that is written to.
 */
final class PipecatWsLink extends WebSocketConnection implements RunnerLink {
    private final LinkDirection direction;
    private final RunnerGate.Listener listener;
    private final FrameReader reader;
    private final AtomicLong lastId = new AtomicLong();

    /** Takes over an admitted socket; loop thread. */
    PipecatWsLink(LinkDirection direction, RunnerGate.Listener listener, Admitted admitted) {
        super(
                admitted,
                new SendQueue(admitted.config().audioQueue(), admitted.config().controlQueue()),
                BoundedDraft.withoutProtocol(PipecatWsConfig.MAX_MESSAGE_BYTES));
        this.direction = direction;
        this.listener = listener;
        this.reader = new FrameReader(listener, admitted.meter());
    }

    // ---- RunnerLink: any thread

    @Override
    public LinkDirection direction() {
        return direction;
    }

    @Override
    public void audio(short[] samples, int offset, int length, int sampleRateHz) {
        if (output().tryAudio(samples, offset, length, sampleRateHz)) {
            return;
        }
        if (queue().offerAudio(ServerFrame.of(FrameCodec.encodeAudio(samples, offset, length, sampleRateHz)))) {
            admitted().meter().dropped("audio");
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
        if (!output().tryPlayout(positionMillis, limitMillis, queuedMillis)) {
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
        if (!output().tryPlayoutAndAudio(
                        positionMillis, limitMillis, queuedMillis, samples, offset, length, sampleRateHz)) {
            playout(positionMillis, limitMillis, queuedMillis);
            audio(samples, offset, length, sampleRateHz);
        }
    }

    @Override
    public void flushed(long atMillis, long droppedMillis, long limitMillis) {
        byte[] message = FrameCodec.encodeMessage(RtviCodec.encodeFlushed(atMillis, droppedMillis, limitMillis));
        if (!output().tryFrame(ServerFrame.of(message))) {
            control(message);
        }
    }

    private void control(byte[] message) {
        if (queue().offerControl(ServerFrame.of(message))) {
            flushSoon();
        } else {
            overrun();
        }
    }

    @Override
    public void close() {
        closeWhenSent();
    }

    // ---- what the runner says, on the loop

    @Override
    void opened() {
        listener.opened(this);
    }

    @Override
    void received(byte[] bytes, int from, int to) throws ProtocolViolation {
        reader.read(bytes, from, to, admitted().loop().littleEndian(bytes));
    }

    @Override
    void received(ByteBuffer message) throws ProtocolViolation {
        reader.read(message);
    }

    @Override
    void received(String message) throws ProtocolViolation {
        throw new ProtocolViolation(CloseFrame.REFUSE, "a text message came; frames are binary");
    }

    @Override
    void ended(LinkEnd how) {
        listener.closed(how);
    }

    @Override
    String closedAs(LinkEnd how) {
        return how.cause().name().toLowerCase(Locale.ROOT);
    }
}
