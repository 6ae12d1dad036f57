package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.LinkEnd.Cause;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One caller over WebSocket: bare audio both ways, keys and hangup as text (docs/protocol/browser-leg.md). The pace is its media's,
 * as for any leg: one frame each 20 ms, whatever comes in. Belongs to its loop.
 */
final class BrowserLeg extends WebSocketConnection implements LegMedia.FrameSink, LinkLoop.Paced {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserLeg.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Two seconds at 16 kHz: a page that was held up for longer has lost its place in the conversation. */
    static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private static final int MAX_TEXT_CHARS = 256;
    private static final String KEYS = "0123456789*#ABCD";
    /** What waits while the socket takes nothing, then the oldest is dropped: 200 ms, as on an AudioSocket leg. */
    private static final int WAITING_FRAMES = 10;
    /** A socket that takes nothing for so long ends the leg, as on an AudioSocket leg. */
    private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** A page may be held up and send what it has at once, but not go on faster than twice real time. */
    private static final int BURST_SECONDS = 10;

    private static final int SPEED = 2;

    /** How it ended; the name, in lower case, is a metric label, the same as an AudioSocket leg's. */
    private enum End {
        HUNG_UP(LegEnd.HUNG_UP),
        CLOSED_BY_US(LegEnd.CLOSED_BY_US),
        PROTOCOL_ERROR(LegEnd.PROTOCOL_ERROR),
        FLOOD(LegEnd.PROTOCOL_ERROR),
        STALLED(LegEnd.STALLED),
        SERVER_STOPPED(LegEnd.SERVER_STOPPED),
        INTERNAL_ERROR(LegEnd.CLOSED_BY_US);

        private final LegEnd legEnd;
        private final String label = name().toLowerCase(Locale.ROOT);

        End(LegEnd legEnd) {
            this.legEnd = legEnd;
        }

        /** What the codec or the socket says, where nobody knows better. */
        static End of(Cause cause) {
            return switch (cause) {
                case CLOSED_BY_RUNNER, FAILED_BY_RUNNER, BROKEN -> HUNG_UP;
                case PROTOCOL_ERROR -> PROTOCOL_ERROR;
                case STALLED -> STALLED;
                case CLOSED_BY_US -> CLOSED_BY_US;
            };
        }
    }

    private final LegMedia media;
    private final AudioFormat format;
    private final long bytesPerSecond;
    private long allowedBytes;
    private long allowedNanos = System.nanoTime();
    private long dueNanos;
    private boolean ticking;
    private boolean over;
    private @Nullable End why;

    /** Takes over an admitted socket; loop thread. */
    BrowserLeg(LegMedia media, AudioFormat format, Admitted admitted) {
        super(
                admitted,
                new SendQueue(WAITING_FRAMES, 1),
                BoundedDraft.speaking(UpgradeRequest.LEG_PROTOCOL, MAX_MESSAGE_BYTES));
        this.media = media;
        this.format = format;
        this.bytesPerSecond = (long) SPEED * Short.BYTES * format.sampleRateHz();
        this.allowedBytes = bytesPerSecond / SPEED * BURST_SECONDS;
    }

    // ---- the clock

    @Override
    void opened() {
        admitted().loop().pace(this);
        due(System.nanoTime());
    }

    @Override
    public long dueNanos() {
        return dueNanos;
    }

    @Override
    public void due(long nowNanos) {
        if (isEnding()) {
            return;
        }
        if (blockedForNanos(nowNanos) > STALL_NANOS) {
            LOG.warn(
                    "{} ends: it has not taken our audio for {} s",
                    admitted().name(),
                    TimeUnit.NANOSECONDS.toSeconds(STALL_NANOS));
            cut(Cause.STALLED);
            return;
        }
        try {
            writeDue(nowNanos);
        } catch (RuntimeException e) {
            defect(e);
        }
        if (over) {
            finish(Cause.CLOSED_BY_US, CloseFrame.NORMAL, "");
        }
        if (isEnding()) {
            attemptDrain();
        }
    }

    private void writeDue(long nowNanos) {
        ticking = true;
        try {
            dueNanos = media.tick(nowNanos, this);
        } finally {
            ticking = false;
        }
        if (!over && dueNanos - nowNanos <= 0) {
            throw new IllegalStateException(admitted().name() + " asked to be called " + (nowNanos - dueNanos)
                    + " ns before now; ask for a moment later than now");
        }
    }

    // ---- what its media write

    @Override
    public AudioFormat format() {
        return format;
    }

    @Override
    public void audio(short[] samples, int offset, int length) {
        requireOpen();
        if (length != format.samplesPerFrame()) {
            throw new IllegalArgumentException(
                    "a frame of " + length + " samples for " + admitted().name() + "; at " + format.sampleRateHz()
                            + " Hz a frame of 20 ms has " + format.samplesPerFrame());
        }
        if (!output().tryPcm(samples, offset, length)) {
            if (queue().offerAudio(new ServerFrame()
                    .begin()
                    .pcm(samples, offset, length)
                    .toArray())) {
                admitted().meter().dropped("audio");
            }
            flushSoon();
        }
    }

    @Override
    public void end() {
        requireOpen();
        over = true;
    }

    private void requireOpen() {
        if (!ticking || over) {
            throw new IllegalStateException(admitted().name() + (over ? " is ended" : " is not in its tick")
                    + "; write only within LegMedia.tick and before end()");
        }
    }

    // ---- what the caller sends

    @Override
    void arrived(int bytes) throws ProtocolViolation {
        long now = System.nanoTime();
        long grown = TimeUnit.NANOSECONDS.toMillis(now - allowedNanos);
        allowedNanos += TimeUnit.MILLISECONDS.toNanos(grown);
        allowedBytes = Math.min(bytesPerSecond / SPEED * BURST_SECONDS, allowedBytes + grown * bytesPerSecond / 1000);
        allowedBytes -= bytes;
        if (allowedBytes < 0) {
            because(End.FLOOD);
            throw new ProtocolViolation(
                    CloseFrame.POLICY_VALIDATION,
                    "more than " + bytesPerSecond + " bytes a second came; send audio in real time");
        }
    }

    @Override
    void received(byte[] bytes, int from, int to) throws ProtocolViolation {
        received(admitted().loop().littleEndian(bytes).limit(to).position(from));
    }

    @Override
    void received(ByteBuffer message) throws ProtocolViolation {
        if (message.remaining() % Short.BYTES != 0) {
            throw new ProtocolViolation(
                    CloseFrame.REFUSE,
                    "a message of " + message.remaining() + " bytes came; audio is 16-bit samples, two bytes each");
        }
        if (message.hasRemaining()) {
            media.callerAudio(message, format);
        }
    }

    @Override
    void received(String message) throws ProtocolViolation {
        JsonNode read = read(message);
        switch (read.path("type").asString("")) {
            case "dtmf" -> {
                String digit = read.path("digit").asString("");
                if (digit.length() != 1 || !KEYS.contains(digit)) {
                    throw new ProtocolViolation(CloseFrame.REFUSE, "digit is none of " + KEYS);
                }
                media.pressed(digit.charAt(0));
            }
            case "hangup" -> {
                because(End.HUNG_UP);
                finish(Cause.CLOSED_BY_US, CloseFrame.NORMAL, "");
            }
            default -> admitted().meter().dropped("unknown_message");
        }
    }

    private static JsonNode read(String message) throws ProtocolViolation {
        if (message.length() <= MAX_TEXT_CHARS) {
            try {
                JsonNode read = JSON.readTree(message);
                if (read.isObject()) {
                    return read;
                }
            } catch (JacksonException e) {
                LOG.debug("a text message was refused", e);
            }
        }
        throw new ProtocolViolation(
                CloseFrame.REFUSE,
                "a text of " + message.length() + " characters came; text is a JSON object of at most "
                        + MAX_TEXT_CHARS);
    }

    // ---- its end

    private void because(End end) {
        if (why == null) {
            why = end;
        }
    }

    private End why(LinkEnd how) {
        because(End.of(how.cause()));
        return why == null ? End.HUNG_UP : why;
    }

    @Override
    void defect(RuntimeException failure) {
        because(End.INTERNAL_ERROR);
        super.defect(failure);
    }

    @Override
    public void stop() {
        because(End.SERVER_STOPPED);
        super.stop();
    }

    @Override
    void ending(LinkEnd how) {
        admitted().loop().unpace(this);
        End end = why(how);
        String told = media.endReason().map(EndReason::wireName).orElse(end.label);
        sendText("{\"type\":\"end\",\"reason\":\"" + (end == End.CLOSED_BY_US ? told : end.label) + "\"}");
        media.closed(end.legEnd);
    }

    /** Its media were told when its end was settled. */
    @Override
    void ended(LinkEnd how) {}

    @Override
    String closedAs(LinkEnd how) {
        return why(how).label;
    }
}
