package org.pipecatmanager.daemon.tape;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;

/** Callers, taped. */
final class TapedLegs implements LegGate {
    private final LegGate legs;
    private final Tapes tapes;

    TapedLegs(LegGate legs, Tapes tapes) {
        this.legs = legs;
        this.tapes = tapes;
    }

    @Override
    public LegAdmission admit(PipecatcallId id, Origin origin) {
        // Before it is let in, so that what that sets off comes after it; a stranger's id begins no tape.
        Tape known = tapes.find(id);
        Entry opened = known == null ? null : new Entry(known.now(), Kind.LEG_OPENED, Map.of());
        LegAdmission admission = legs.admit(id, origin);
        if (!(admission instanceof LegAdmission.Admitted(LegMedia media))) {
            return admission;
        }
        Tape tape = known == null ? tapes.begun(id) : known;
        tape.partOpened();
        tape.add(opened == null ? new Entry(0, Kind.LEG_OPENED, Map.of()) : opened);
        return new LegAdmission.Admitted(new TapedLeg(media, tape));
    }

    /** One leg; its own sink is made once, so that nothing of it is made per frame. */
    private static final class TapedLeg implements LegMedia, LegMedia.FrameSink {
        private final LegMedia media;
        private final Tape tape;
        private FrameSink sink = NOWHERE;

        TapedLeg(LegMedia media, Tape tape) {
            this.media = media;
            this.tape = tape;
        }

        @Override
        public void callerAudio(ByteBuffer pcm, AudioFormat format) {
            tape.add(Kind.CALLER_AUDIO, pcm, format.sampleRateHz());
            media.callerAudio(pcm, format);
        }

        @Override
        public void pressed(char key) {
            tape.add(Kind.KEY, Map.of("key", String.valueOf(key)));
            media.pressed(key);
        }

        @Override
        public long tick(long nowNanos, FrameSink to) {
            sink = to;
            tape.add(new Entry(
                    tape.at(nowNanos), Kind.TICK, Map.of("rate", to.format().sampleRateHz())));
            return media.tick(nowNanos, this);
        }

        @Override
        public Optional<EndReason> endReason() {
            return media.endReason();
        }

        @Override
        public void closed(LegEnd how) {
            tape.add(Kind.LEG_CLOSED, Map.of("how", how.name()));
            media.closed(how);
            tape.partClosed();
        }

        @Override
        public AudioFormat format() {
            return sink.format();
        }

        @Override
        public void audio(short[] samples, int offset, int length) {
            tape.add(Kind.FRAME, samples, offset, length, sink.format().sampleRateHz());
            sink.audio(samples, offset, length);
        }

        @Override
        public void end() {
            tape.add(Kind.LEG_END, Map.of());
            sink.end();
        }
    }

    /** Where frames go before the first tick: none come. */
    private static final LegMedia.FrameSink NOWHERE = new LegMedia.FrameSink() {
        @Override
        public AudioFormat format() {
            return AudioFormat.SLIN_8K;
        }

        @Override
        public void audio(short[] samples, int offset, int length) {}

        @Override
        public void end() {}
    };
}
