package org.pipecatmanager.adapter.pipecatws;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.java_websocket.framing.CloseFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.AudioRawFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.Frame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.InterruptionFrame;
import org.pipecatmanager.adapter.pipecatws.proto.PipecatFrames.MessageFrame;

/**
 * Bytes of one WebSocket message to frame and back. Pure; safe for all threads.
 *
 * <p>Reading is tolerant where a newer pipecat may add something (unknown fields, unknown kinds of frame) and strict
 * where
 * sound would be garbage: only mono, whole samples, a rate there is.
 */
final class FrameCodec {
    private static final int MIN_RATE_HZ = 8_000;
    private static final int MAX_RATE_HZ = 192_000;
    /** The most that {@link #putAudioHead} and {@link #putAudioTail} add to 48000 samples. */
    static final int MAX_AUDIO_OVERHEAD_BYTES = 16;

    private FrameCodec() {}

    /**
     * Reads one message.
     *
     * @param message from position to limit; the audio of the result is a view of it
     * @throws ProtocolViolation not a frame, or audio nobody can play
     */
    static RunnerFrame decode(ByteBuffer message) throws ProtocolViolation {
        int bytes = message.remaining();
        Frame frame;
        try {
            CodedInputStream input = UnsafeByteOperations.unsafeWrap(message).newCodedInput();
            input.enableAliasing(true);
            frame = Frame.parseFrom(input);
        } catch (InvalidProtocolBufferException e) {
            throw new ProtocolViolation(
                    CloseFrame.NO_UTF8,
                    "a binary message of " + bytes + " bytes is not a pipecat frame: " + e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException("reading memory failed", e);
        }
        return switch (frame.getFrameCase()) {
            case AUDIO -> audio(frame.getAudio());
            case INTERRUPTION -> new RunnerFrame.Interruption();
            case MESSAGE -> new RunnerFrame.Message(frame.getMessage().getData());
            case TEXT -> new RunnerFrame.Ignored("text_frame");
            case TRANSCRIPTION -> new RunnerFrame.Ignored("transcription_frame");
            case FRAME_NOT_SET -> new RunnerFrame.Ignored("empty_frame");
        };
    }

    private static RunnerFrame audio(AudioRawFrame audio) throws ProtocolViolation {
        if (audio.getAudio().isEmpty()) {
            return new RunnerFrame.Ignored("empty_audio");
        }
        int rate = audio.getSampleRate();
        if (!isRate(rate)) {
            throw unplayable("sample_rate is " + Integer.toUnsignedString(rate) + "; send " + MIN_RATE_HZ + " to "
                    + MAX_RATE_HZ);
        }
        if (audio.getNumChannels() != 1) {
            throw unplayable("num_channels is " + Integer.toUnsignedString(audio.getNumChannels()) + "; send 1");
        }
        if (audio.getAudio().size() % 2 != 0) {
            throw unplayable("audio has " + audio.getAudio().size() + " bytes; send whole 16-bit samples");
        }
        return new RunnerFrame.Audio(audio.getAudio().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN), rate);
    }

    private static ProtocolViolation unplayable(String why) {
        return new ProtocolViolation(CloseFrame.POLICY_VALIDATION, "bot audio cannot be played: " + why);
    }

    /** Whether audio may have this rate, Hz. */
    static boolean isRate(int sampleRateHz) {
        return sampleRateHz >= MIN_RATE_HZ && sampleRateHz <= MAX_RATE_HZ;
    }

    /**
     * Caller audio: a mono audio frame without id, name and pts.
     *
     * @param samples      16-bit
     * @param sampleRateHz positive
     */
    static byte[] encodeAudio(short[] samples, int offset, int length, int sampleRateHz) {
        byte[] message = new byte[audioBytes(length, sampleRateHz)];
        ByteBuffer out = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        putAudioHead(out, length, sampleRateHz);
        out.asShortBuffer().put(samples, offset, length);
        putAudioTail(out.position(out.position() + length * Short.BYTES), sampleRateHz);
        return message;
    }

    /** Length of what {@link #putAudioHead}, the samples and {@link #putAudioTail} make. */
    static int audioBytes(int samples, int sampleRateHz) {
        int body = audioBodyBytes(samples, sampleRateHz);
        return 1 + CodedOutputStream.computeUInt32SizeNoTag(body) + body;
    }

    private static int audioBodyBytes(int samples, int sampleRateHz) {
        int pcmBytes = samples * Short.BYTES;
        return (pcmBytes == 0 ? 0 : 1 + CodedOutputStream.computeUInt32SizeNoTag(pcmBytes) + pcmBytes)
                + tailBytes(sampleRateHz);
    }

    private static int tailBytes(int sampleRateHz) {
        return CodedOutputStream.computeUInt32Size(AudioRawFrame.SAMPLE_RATE_FIELD_NUMBER, sampleRateHz)
                + CodedOutputStream.computeUInt32Size(AudioRawFrame.NUM_CHANNELS_FIELD_NUMBER, 1);
    }

    /** Length of what {@link #putAudioHead} writes. */
    static int audioHeadBytes(int samples, int sampleRateHz) {
        return audioBytes(samples, sampleRateHz) - samples * Short.BYTES - tailBytes(sampleRateHz);
    }

    /** Writes what comes before the samples. */
    static void putAudioHead(ByteBuffer out, int samples, int sampleRateHz) {
        out.put(lengthDelimited(Frame.AUDIO_FIELD_NUMBER));
        putVarint(out, audioBodyBytes(samples, sampleRateHz));
        if (samples != 0) {
            out.put(lengthDelimited(AudioRawFrame.AUDIO_FIELD_NUMBER));
            putVarint(out, samples * Short.BYTES);
        }
    }

    /** Writes what comes after the samples. */
    static void putAudioTail(ByteBuffer out, int sampleRateHz) {
        out.put(varint(AudioRawFrame.SAMPLE_RATE_FIELD_NUMBER));
        putVarint(out, sampleRateHz);
        out.put(varint(AudioRawFrame.NUM_CHANNELS_FIELD_NUMBER));
        putVarint(out, 1);
    }

    /** Length of what {@link #putMessageHead} and so many bytes of JSON make. */
    static int messageBytes(int json) {
        int body = messageBodyBytes(json);
        return 1 + CodedOutputStream.computeUInt32SizeNoTag(body) + body;
    }

    private static int messageBodyBytes(int json) {
        return 1 + CodedOutputStream.computeUInt32SizeNoTag(json) + json;
    }

    /** Writes what comes before the JSON of an RTVI message, which has at least one byte. */
    static void putMessageHead(ByteBuffer out, int json) {
        out.put(lengthDelimited(Frame.MESSAGE_FIELD_NUMBER));
        putVarint(out, messageBodyBytes(json));
        out.put(lengthDelimited(MessageFrame.DATA_FIELD_NUMBER));
        putVarint(out, json);
    }

    /** An RTVI message. */
    static byte[] encodeMessage(String json) {
        return Frame.newBuilder()
                .setMessage(MessageFrame.newBuilder().setData(json))
                .build()
                .toByteArray();
    }

    /** Stops the bot. */
    static byte[] encodeInterruption() {
        return Arrays.copyOf(INTERRUPTION, INTERRUPTION.length);
    }

    private static final byte[] INTERRUPTION = Frame.newBuilder()
            .setInterruption(InterruptionFrame.getDefaultInstance())
            .build()
            .toByteArray();

    /** Wire type 2; the field numbers here are below 16, so a tag is one byte. */
    private static byte lengthDelimited(int field) {
        return (byte) ((field << 3) | 2);
    }

    /** Wire type 0. */
    private static byte varint(int field) {
        return (byte) (field << 3);
    }

    private static void putVarint(ByteBuffer out, int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
