package org.pipecatmanager.adapter.audiosocket;

import java.nio.ByteBuffer;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;

/** A connection that was let in: its media, its format, and the sink the media writes to. Belongs to one loop thread. */
final class Leg implements LegMedia.FrameSink {
    private final PipecatcallId id;
    private final LegMedia media;
    private final LegFormat format;
    private final FrameWriter writer;
    private long nowNanos;
    private boolean ticking;
    private boolean ended;

    Leg(PipecatcallId id, LegMedia media, LegFormat format, FrameWriter writer) {
        this.id = id;
        this.media = media;
        this.format = format;
        this.writer = writer;
    }

    /**
     * An audio message began.
     *
     * @return true, once, when it turns out to be µ-law or A-law
     */
    boolean audioStarts(AudioKind kind, int messageBytes, long now) {
        return messageBytes > 0 && format.arrived(kind, messageBytes, now);
    }

    void callerAudio(ByteBuffer pcm) {
        media.callerAudio(pcm, format.format());
    }

    void pressed(char key) {
        media.pressed(key);
    }

    /** Lets the media write what is due; answers when it wants to be called next. */
    long tick(long now) {
        nowNanos = now;
        ticking = true;
        try {
            return media.tick(now, this);
        } finally {
            ticking = false;
        }
    }

    void closed(LegEnd how) {
        media.closed(how);
    }

    /** Whether the media ended the leg. */
    boolean isEnded() {
        return ended;
    }

    PipecatcallId id() {
        return id;
    }

    @Override
    public AudioFormat format() {
        return format.format();
    }

    @Override
    public void audio(short[] samples, int offset, int length) {
        requireOpen();
        int frame = format.format().samplesPerFrame();
        if (length != frame) {
            throw new IllegalArgumentException("a frame of " + length + " samples for leg " + id + "; at "
                    + format.format().sampleRateHz() + " Hz a frame of 20 ms has " + frame);
        }
        writer.audio(format.kind(), samples, offset, length, nowNanos);
    }

    @Override
    public void end() {
        requireOpen();
        ended = true;
    }

    private void requireOpen() {
        if (!ticking || ended) {
            throw new IllegalStateException("leg " + id + (ended ? " is ended" : " is not in its tick")
                    + "; write only within LegMedia.tick and before end()");
        }
    }
}
