package org.pipecatmanager.adapter.pipecatws;

import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.AudioRawFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;

/**
 * Finds the audio in a message without making objects of it.
 *
 * <p>Nearly everything a runner sends is one kind of message: a frame with nothing but playable audio. That one is recognised
 * here; of anything else, also of what is valid but unusual, this says "not plain" and {@link FrameCodec#decode} judges. So a
 * message is never refused here, and never read differently from there.
 *
 * <p>Allocates nothing. Not thread safe: belongs to the loop that reads.
 */
final class AudioScanner {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;
    /** Seven bits each: what a length or a rate can take. Longer varints are valid, and not plain. */
    private static final int MAX_VARINT_SHIFT = 28;

    private static final int NOT_PLAIN = -1;

    private byte[] bytes = {};
    private int at;
    private int end;
    private int pcmOffset;
    private int pcmBytes;
    private int sampleRateHz;

    /**
     * Looks at one message.
     *
     * @param message array it lies in, from {@code from} to {@code to}
     * @return whether it is plainly audio that can be played; then the getters tell of it
     */
    boolean isPlainAudio(byte[] message, int from, int to) {
        bytes = message;
        at = from;
        end = to;
        if (tag() != tag(Frame.AUDIO_FIELD_NUMBER, LENGTH_DELIMITED) || varint() != end - at) {
            return false;
        }
        pcmBytes = 0;
        sampleRateHz = 0;
        int channels = 0;
        while (at < end) {
            switch (tag()) {
                case (AudioRawFrame.ID_FIELD_NUMBER << 3) | VARINT, (AudioRawFrame.PTS_FIELD_NUMBER << 3) | VARINT -> {
                    if (!skipVarint()) {
                        return false;
                    }
                }
                case (AudioRawFrame.NAME_FIELD_NUMBER << 3) | LENGTH_DELIMITED -> {
                    if (!skipAscii(varint())) {
                        return false;
                    }
                }
                case (AudioRawFrame.AUDIO_FIELD_NUMBER << 3) | LENGTH_DELIMITED -> {
                    int length = varint();
                    if (length < 0 || length > end - at) {
                        return false;
                    }
                    pcmOffset = at;
                    pcmBytes = length;
                    at += length;
                }
                case (AudioRawFrame.SAMPLE_RATE_FIELD_NUMBER << 3) | VARINT -> sampleRateHz = varint();
                case (AudioRawFrame.NUM_CHANNELS_FIELD_NUMBER << 3) | VARINT -> channels = varint();
                default -> {
                    return false;
                }
            }
        }
        return pcmBytes > 0 && pcmBytes % Short.BYTES == 0 && channels == 1 && FrameCodec.isRate(sampleRateHz);
    }

    /** Index of the first sample's first byte. */
    int pcmOffset() {
        return pcmOffset;
    }

    /** Even, above 0. */
    int pcmBytes() {
        return pcmBytes;
    }

    int sampleRateHz() {
        return sampleRateHz;
    }

    private static int tag(int field, int type) {
        return (field << 3) | type;
    }

    /** Field numbers here are below 16, so a tag is one byte; others are not plain. */
    private int tag() {
        return at < end ? bytes[at++] : NOT_PLAIN;
    }

    private int varint() {
        int value = 0;
        for (int shift = 0; shift < MAX_VARINT_SHIFT && at < end; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        return NOT_PLAIN;
    }

    /** Ten bytes at most, as protobuf has it. */
    private boolean skipVarint() {
        for (int limit = Math.min(end, at + 10); at < limit; ) {
            if (bytes[at++] >= 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether the next bytes are ASCII: of other text protobuf checks the encoding. */
    private boolean skipAscii(int length) {
        if (length < 0 || length > end - at) {
            return false;
        }
        for (int limit = at + length; at < limit; at++) {
            if (bytes[at] < 0) {
                return false;
            }
        }
        return true;
    }
}
