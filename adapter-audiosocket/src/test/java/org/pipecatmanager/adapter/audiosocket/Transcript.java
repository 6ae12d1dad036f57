package org.pipecatmanager.adapter.audiosocket;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.zip.CRC32;
import org.pipecatmanager.adapter.audiosocket.AudioSocketDecoder.Part;

/** What a decoder finds in a stream that arrives in pieces, as the lines of the vectors' manifest. */
final class Transcript {
    private final AudioSocketDecoder decoder = new AudioSocketDecoder();
    private final List<String> lines = new ArrayList<>();
    private final CRC32 audio = new CRC32();
    private boolean inAudio;
    private int mostHeld;

    /**
     * Reads a whole stream.
     *
     * @param cut given how many bytes are left, how many of them arrive next, at least 1
     */
    static Transcript of(byte[] stream, IntUnaryOperator cut) {
        Transcript transcript = new Transcript();
        byte[] held = new byte[0];
        int arrived = 0;
        while (arrived < stream.length) {
            int piece = Math.clamp(cut.applyAsInt(stream.length - arrived), 1, stream.length - arrived);
            ByteBuffer in = ByteBuffer.allocate(held.length + piece);
            in.put(held).put(stream, arrived, piece).flip();
            arrived += piece;
            transcript.take(in);
            held = new byte[in.remaining()];
            in.get(held);
            transcript.mostHeld = Math.max(transcript.mostHeld, held.length);
        }
        transcript.endOfAudio();
        return transcript;
    }

    private void take(ByteBuffer in) {
        Part part = decoder.next(in);
        while (part != Part.NEED_MORE) {
            if (part == Part.AUDIO) {
                for (int i = 0; i < decoder.audioBytes(); i++) {
                    audio.update(in.get(decoder.audioOffset() + i));
                }
            } else {
                endOfAudio();
                lines.add(line(part));
            }
            part = decoder.next(in);
        }
    }

    private String line(Part part) {
        return switch (part) {
            case ID -> "id " + decoder.id();
            case MALFORMED_ID -> "malformed-id";
            case AUDIO_STARTS -> {
                inAudio = true;
                audio.reset();
                yield "audio 0x%02x %d".formatted(decoder.audioKind().code(), decoder.messageBytes());
            }
            case ODD_BYTE -> "odd";
            case KEY -> "key " + decoder.key();
            case HANG_UP -> "hang-up";
            case ERROR -> "error " + decoder.errorCode();
            case SKIPPED -> "skipped 0x%02x %d".formatted(decoder.messageKind(), decoder.messageBytes());
            case AUDIO, NEED_MORE -> throw new AssertionError(part + " has no line");
        };
    }

    private void endOfAudio() {
        if (inAudio) {
            inAudio = false;
            lines.add(lines.removeLast() + " %08x".formatted(audio.getValue()));
        }
    }

    List<String> lines() {
        return lines;
    }

    int mostHeldBytes() {
        return mostHeld;
    }
}
