package org.pipecatmanager.adapter.audiosocket;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of one connection apart: kind (1 byte), length (2 bytes, big-endian, payload only), payload.
 *
 * <p>A pull parser without buffers of its own. {@link #next} consumes what it can and answers with the next {@link Part}; at
 * {@link Part#NEED_MORE} at most {@value #MAX_HELD_BYTES} bytes are left unconsumed, which the caller presents again in
 * front of what arrives later. Audio is given as it arrives, in pieces of whole samples, so that a message of 65535 bytes
 * needs no room and no wait. Any way of cutting a stream gives the same parts, but for where audio is cut.
 *
 * <p>Every sequence of bytes is a stream to it: nothing is thrown. Which part is allowed when is the caller's to judge.
 * Allocates for an id only. Not thread-safe.
 */
final class AudioSocketDecoder {
    /** What {@link Part#NEED_MORE} can leave: a UUID without its last byte. */
    static final int MAX_HELD_BYTES = 15;

    static final int KIND_HANG_UP = 0x00;
    static final int KIND_ID = 0x01;
    static final int KIND_KEY = 0x03;
    static final int KIND_ERROR = 0xff;
    /** {@link #errorCode()} of an error message without a payload. */
    static final int NO_CODE = -1;

    private static final int HEADER_BYTES = 3;
    private static final int ID_BYTES = 16;
    private static final String KEYS = "0123456789*#ABCD";

    /** What was found, and so what the caller does next. */
    enum Part {
        /** Nothing whole is left: keep the rest and come back with more. */
        NEED_MORE,
        /** A UUID: read {@link #id()}. */
        ID,
        /** A UUID message whose length is not 16. */
        MALFORMED_ID,
        /** An audio message begins: read {@link #audioKind()} and {@link #messageBytes()}, which may be 0. */
        AUDIO_STARTS,
        /** Samples of that message: {@link #audioBytes()} bytes from {@link #audioOffset()} of the buffer given. */
        AUDIO,
        /** The message ended in half a sample, which is dropped. */
        ODD_BYTE,
        /** A key: read {@link #key()}. */
        KEY,
        /** The far end hangs up. */
        HANG_UP,
        /** The far end tells of an error: read {@link #errorCode()}. */
        ERROR,
        /** A message that means nothing here is passed over by its length: read {@link #messageKind()}. */
        SKIPPED
    }

    private enum State {
        HEADER,
        ID,
        AUDIO,
        KEY,
        ERROR,
        SKIP
    }

    private State state = State.HEADER;
    private int messageKind;
    private int messageBytes;
    private int left;
    private @Nullable AudioKind audioKind;
    private @Nullable UUID id;
    private char key;
    private int errorCode = NO_CODE;
    private int audioOffset;
    private int audioBytes;

    /**
     * Finds the next part.
     *
     * @param in what has arrived, from position to limit; its position moves past what was consumed
     */
    Part next(ByteBuffer in) {
        while (true) {
            switch (state) {
                case HEADER -> {
                    if (in.remaining() < HEADER_BYTES) {
                        return Part.NEED_MORE;
                    }
                    Part part = header(in);
                    if (part != null) {
                        return part;
                    }
                }
                case ID -> {
                    if (in.remaining() < ID_BYTES) {
                        return Part.NEED_MORE;
                    }
                    id = new UUID(bigEndianLong(in), bigEndianLong(in));
                    state = State.HEADER;
                    return Part.ID;
                }
                case KEY -> {
                    if (!in.hasRemaining()) {
                        return Part.NEED_MORE;
                    }
                    state = State.HEADER;
                    return key(in.get());
                }
                case ERROR -> {
                    if (!in.hasRemaining()) {
                        return Part.NEED_MORE;
                    }
                    errorCode = in.get() & 0xff;
                    skip(messageBytes - 1);
                    return Part.ERROR;
                }
                case AUDIO -> {
                    return audio(in);
                }
                case SKIP -> {
                    int taken = Math.min(left, in.remaining());
                    in.position(in.position() + taken);
                    left -= taken;
                    if (left > 0) {
                        return Part.NEED_MORE;
                    }
                    state = State.HEADER;
                }
            }
        }
    }

    private @Nullable Part header(ByteBuffer in) {
        messageKind = in.get() & 0xff;
        messageBytes = ((in.get() & 0xff) << 8) | (in.get() & 0xff);
        audioKind = AudioKind.ofCode(messageKind);
        if (audioKind != null) {
            left = messageBytes;
            state = messageBytes == 0 ? State.HEADER : State.AUDIO;
            return Part.AUDIO_STARTS;
        }
        return switch (messageKind) {
            case KIND_ID -> messageBytes == ID_BYTES ? payloadNext(State.ID) : skip(Part.MALFORMED_ID);
            case KIND_KEY -> messageBytes == 1 ? payloadNext(State.KEY) : skip(Part.SKIPPED);
            case KIND_HANG_UP -> skip(Part.HANG_UP);
            case KIND_ERROR -> {
                errorCode = NO_CODE;
                yield messageBytes > 0 ? payloadNext(State.ERROR) : skip(Part.ERROR);
            }
            default -> skip(Part.SKIPPED);
        };
    }

    private @Nullable Part payloadNext(State payload) {
        state = payload;
        return null;
    }

    private Part skip(Part told) {
        skip(messageBytes);
        return told;
    }

    private void skip(int bytes) {
        left = bytes;
        state = bytes == 0 ? State.HEADER : State.SKIP;
    }

    private Part audio(ByteBuffer in) {
        if (left == 1 && in.hasRemaining()) {
            in.get();
            state = State.HEADER;
            return Part.ODD_BYTE;
        }
        int taken = Math.min(left, in.remaining()) & ~1;
        if (taken == 0) {
            return Part.NEED_MORE;
        }
        audioOffset = in.position();
        audioBytes = taken;
        in.position(audioOffset + taken);
        left -= taken;
        if (left == 0) {
            state = State.HEADER;
        }
        return Part.AUDIO;
    }

    private Part key(byte ascii) {
        char pressed = (char) (ascii & 0xff);
        if (pressed >= 'a' && pressed <= 'd') {
            pressed = (char) (pressed - 'a' + 'A');
        }
        if (KEYS.indexOf(pressed) < 0) {
            return Part.SKIPPED;
        }
        key = pressed;
        return Part.KEY;
    }

    private static long bigEndianLong(ByteBuffer in) {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = (value << 8) | (in.get() & 0xff);
        }
        return value;
    }

    /** Kind byte of the message last begun, 0 to 255. */
    int messageKind() {
        return messageKind;
    }

    /** Payload length of the message last begun, 0 to 65535. */
    int messageBytes() {
        return messageBytes;
    }

    AudioKind audioKind() {
        return Objects.requireNonNull(audioKind, "no audio message has begun");
    }

    UUID id() {
        return Objects.requireNonNull(id, "no id has been read");
    }

    /** {@code 0-9 * # A-D}. */
    char key() {
        return key;
    }

    /** 0 to 255, or {@link #NO_CODE}. */
    int errorCode() {
        return errorCode;
    }

    int audioOffset() {
        return audioOffset;
    }

    int audioBytes() {
        return audioBytes;
    }
}
