package org.pipecatmanager.daemon.sim;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One caller as Asterisk would connect it. Owned by the simulation's thread. */
final class SimulatedCall {
    static final int RATE_HZ = 8000;
    static final int FRAME_SAMPLES = 160;
    private static final byte HANGUP = 0x00;
    private static final byte ID = 0x01;
    private static final byte SLIN = 0x10;
    private static final int HEADER_BYTES = 3;

    /** How a call ended, seen from the caller. */
    enum End {
        /** The time was over, or the script said so: the caller hung up. */
        CALLER_HUNG_UP,
        /** Hangup message, then an orderly close. */
        SERVER_HUNG_UP,
        /** A close without a hangup message. */
        SERVER_CLOSED,
        /** The connection broke. */
        RESET,
        /** No connection came about. */
        CONNECT_FAILED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    final UUID id;
    final Ear ear = new Ear();
    final Spread spacing = new Spread();
    private final Voice voice;
    private final @Nullable ToneCheck tone;
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 17).order(ByteOrder.BIG_ENDIAN);
    private final ByteBuffer out = ByteBuffer.allocateDirect(HEADER_BYTES + FRAME_SAMPLES * 2);
    private final short[] frame = new short[FRAME_SAMPLES];
    private short[] heard = new short[FRAME_SAMPLES];
    private short[] spoken = new short[RATE_HZ * 30];
    private int spokenSamples;

    private boolean hangupSeen;
    private boolean hungUpByUs;
    private @Nullable End end;
    private long connectedNanos;
    private long firstFrameNanos = Long.MIN_VALUE;
    private long lastFrameNanos = Long.MIN_VALUE;
    private long nextDueNanos = Long.MAX_VALUE;
    private long framesSent;
    private long framesUnsent;
    private long bytesReceived;
    private long oddMessages;
    private long keptFirstHeardFrame = -1;

    SimulatedCall(UUID id, Voice voice, @Nullable ToneCheck tone) throws IOException {
        this.id = id;
        this.voice = voice;
        this.tone = tone;
        channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void connect(Selector selector, SocketAddress server) throws IOException {
        channel.register(selector, SelectionKey.OP_CONNECT, this);
        try {
            channel.connect(server);
        } catch (IOException e) {
            finish(End.CONNECT_FAILED);
        }
    }

    /** The selector says the channel is ready. */
    void ready(SelectionKey key, long nowNanos) {
        if (key.isValid() && key.isConnectable()) {
            connected(key, nowNanos);
        }
        if (end == null && key.isValid() && key.isReadable()) {
            read(nowNanos);
        }
    }

    private void connected(SelectionKey key, long nowNanos) {
        try {
            channel.finishConnect();
            key.interestOps(SelectionKey.OP_READ);
            ByteBuffer hello = ByteBuffer.allocate(HEADER_BYTES + 16).put(ID).putShort((short) 16);
            hello.putLong(id.getMostSignificantBits())
                    .putLong(id.getLeastSignificantBits())
                    .flip();
            channel.write(hello);
            connectedNanos = nowNanos;
            nextDueNanos = nowNanos;
        } catch (IOException e) {
            finish(End.CONNECT_FAILED);
        }
    }

    /** When the next frame is due; {@code Long.MAX_VALUE} when none is. */
    long nextDueNanos() {
        return nextDueNanos;
    }

    /** Sends the frame that is due. */
    void sendDue(long nowNanos) {
        nextDueNanos += 20_000_000L;
        if (!voice.speak(frame, ear, nowNanos)) {
            hangUp();
            return;
        }
        keepSpoken();
        out.clear();
        out.put(SLIN).putShort((short) (FRAME_SAMPLES * 2)).order(ByteOrder.LITTLE_ENDIAN);
        for (short sample : frame) {
            out.putShort(sample);
        }
        out.order(ByteOrder.BIG_ENDIAN).flip();
        try {
            // The socket buffer holds seconds of audio; a server that lets it fill up is not reading.
            if (channel.write(out) == 0) {
                framesUnsent++;
            } else {
                framesSent++;
                while (out.hasRemaining()) {
                    channel.write(out);
                }
            }
        } catch (IOException e) {
            finish(hangupSeen ? End.SERVER_HUNG_UP : End.RESET);
        }
    }

    private void keepSpoken() {
        if (spokenSamples + FRAME_SAMPLES > spoken.length) {
            spoken = Arrays.copyOf(spoken, spoken.length * 2);
        }
        System.arraycopy(frame, 0, spoken, spokenSamples, FRAME_SAMPLES);
        spokenSamples += FRAME_SAMPLES;
    }

    private void read(long nowNanos) {
        try {
            int n = channel.read(in);
            if (n < 0) {
                finish(hangupSeen ? End.SERVER_HUNG_UP : hungUpByUs ? End.CALLER_HUNG_UP : End.SERVER_CLOSED);
                return;
            }
            bytesReceived += n;
        } catch (IOException e) {
            finish(hungUpByUs ? End.CALLER_HUNG_UP : hangupSeen ? End.SERVER_HUNG_UP : End.RESET);
            return;
        }
        in.flip();
        while (in.remaining() >= HEADER_BYTES) {
            int length = in.getShort(in.position() + 1) & 0xFFFF;
            if (in.remaining() < HEADER_BYTES + length) {
                break;
            }
            byte kind = in.get();
            in.getShort();
            message(kind, in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN), nowNanos);
            in.position(in.position() + length);
        }
        in.compact();
    }

    private void message(byte kind, ByteBuffer payload, long nowNanos) {
        if (kind == HANGUP) {
            // What answers our own hangup is not the server's.
            hangupSeen |= !hungUpByUs;
        } else if (kind == SLIN && payload.remaining() > 0) {
            audio(payload, nowNanos);
        } else {
            oddMessages++;
        }
    }

    private void audio(ByteBuffer payload, long nowNanos) {
        int length = payload.remaining() / 2;
        if (length != FRAME_SAMPLES) {
            oddMessages++;
        }
        if (heard.length < length) {
            heard = new short[length];
        }
        for (int i = 0; i < length; i++) {
            heard[i] = payload.getShort(i * 2);
        }
        if (firstFrameNanos == Long.MIN_VALUE) {
            firstFrameNanos = nowNanos;
            keptFirstHeardFrame = spokenSamples;
        } else {
            spacing.add(nowNanos - lastFrameNanos);
        }
        lastFrameNanos = nowNanos;
        ear.hear(heard, length, nowNanos);
        if (tone != null) {
            tone.frame(heard, length);
        }
    }

    /** Hangs up as Asterisk does: it just closes. */
    void hangUp() {
        hungUpByUs = true;
        nextDueNanos = Long.MAX_VALUE;
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            finish(End.CALLER_HUNG_UP);
        }
    }

    private void finish(End how) {
        if (end != null) {
            return;
        }
        end = how;
        nextDueNanos = Long.MAX_VALUE;
        try {
            channel.close();
        } catch (IOException e) {
            oddMessages++;
        }
    }

    /** Closes whatever is still open when the simulation gives up waiting. */
    void abandon() {
        finish(hungUpByUs ? End.CALLER_HUNG_UP : End.SERVER_CLOSED);
    }

    boolean isOver() {
        return end != null;
    }

    /** What was said, 8 kHz, from the first frame on. */
    short[] spoken() {
        return Arrays.copyOf(spoken, spokenSamples);
    }

    /** What was heard, 8 kHz, put where it was heard relative to {@link #spoken()}. */
    short[] heardAligned() {
        short[] recording = ear.recording();
        int offset = (int) Math.max(0, keptFirstHeardFrame);
        short[] aligned = new short[offset + recording.length];
        System.arraycopy(recording, 0, aligned, offset, recording.length);
        return aligned;
    }

    long connectedNanos() {
        return connectedNanos;
    }

    CallReport report() {
        double seconds = framesSeconds();
        End how = end == null ? End.SERVER_CLOSED : end;
        return new CallReport(
                id.toString(),
                how.label(),
                framesSent,
                framesUnsent,
                ear.frames(),
                seconds > 0 ? Math.round((ear.frames() - 1) / seconds * 1000) / 1000.0 : 0,
                spacing.millis(0.5),
                spacing.millis(0.99),
                spacing.maxMillis(),
                bytesReceived,
                ear.silentFrames(),
                oddMessages,
                tone == null
                        ? null
                        : new CallReport.Tone(
                                tone.heardTone(), tone.lost(), tone.repeated(), tone.broken(), tone.inserted()));
    }

    private double framesSeconds() {
        return firstFrameNanos == Long.MIN_VALUE ? 0 : (lastFrameNanos - firstFrameNanos) / 1e9;
    }
}
