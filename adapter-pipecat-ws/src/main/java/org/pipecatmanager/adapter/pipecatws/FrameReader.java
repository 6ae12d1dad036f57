package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.out.ConnectionMeter;

/** Tells a link's listener what a message says, and counts what says nothing. Loop thread of the link. */
final class FrameReader {
    private final RunnerGate.Listener listener;
    private final ConnectionMeter meter;
    private final AudioScanner audio = new AudioScanner();

    FrameReader(RunnerGate.Listener listener, ConnectionMeter meter) {
        this.listener = listener;
        this.meter = meter;
    }

    /**
     * Reads one binary message; of plain audio no objects are made.
     *
     * @param view the same bytes, little-endian; its position and limit are set
     * @throws ProtocolViolation it ends the link
     */
    void read(byte[] bytes, int from, int to, ByteBuffer view) throws ProtocolViolation {
        if (audio.isPlainAudio(bytes, from, to)) {
            int pcm = audio.pcmOffset();
            listener.audio(view.limit(pcm + audio.pcmBytes()).position(pcm), audio.sampleRateHz());
        } else {
            read(view.limit(to).position(from));
        }
    }

    /**
     * Reads one binary message.
     *
     * @throws ProtocolViolation it ends the link
     */
    void read(ByteBuffer message) throws ProtocolViolation {
        switch (FrameCodec.decode(message)) {
            case RunnerFrame.Audio(ByteBuffer pcm, int sampleRateHz) -> listener.audio(pcm, sampleRateHz);
            case RunnerFrame.Interruption() -> listener.interrupted();
            case RunnerFrame.Ignored(String what) -> meter.dropped(what);
            case RunnerFrame.Message(String json) -> {
                switch (RtviCodec.decode(json)) {
                    case RtviCodec.Reading.Understood(var understood) -> listener.message(understood);
                    case RtviCodec.Reading.Ignored(String what) -> meter.dropped(what);
                    case RtviCodec.Reading.Unused() -> {}
                }
            }
        }
    }
}
