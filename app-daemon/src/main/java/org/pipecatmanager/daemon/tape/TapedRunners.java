package org.pipecatmanager.daemon.tape;

import java.nio.ByteBuffer;
import java.util.Map;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerLink;

/** The runner's sockets, taped. */
final class TapedRunners implements RunnerGate {
    private final RunnerGate runners;
    private final Tapes tapes;
    private final boolean prompts;

    TapedRunners(RunnerGate runners, Tapes tapes, boolean prompts) {
        this.runners = runners;
        this.tapes = tapes;
        this.prompts = prompts;
    }

    @Override
    public LinkAdmission admit(PipecatcallId id, LinkDirection direction, Secret token) {
        LinkAdmission admission = runners.admit(id, direction, token);
        Tape tape = tapes.find(id);
        if (tape == null || !(admission instanceof LinkAdmission.Admitted(Listener listener))) {
            return admission;
        }
        tape.partOpened();
        return new LinkAdmission.Admitted(new TapedListener(listener, direction, tape, prompts));
    }

    private record TapedListener(Listener listener, LinkDirection direction, Tape tape, boolean prompts)
            implements Listener {
        @Override
        public void opened(RunnerLink link) {
            tape.add(Kind.LINK_OPENED, Map.of("direction", direction.name()));
            listener.opened(new TapedLink(link, tape));
        }

        @Override
        public void audio(ByteBuffer pcm, int sampleRateHz) {
            tape.add(Kind.BOT_AUDIO, pcm, sampleRateHz);
            listener.audio(pcm, sampleRateHz);
        }

        @Override
        public void interrupted() {
            tape.add(Kind.INTERRUPTED, Map.of());
            listener.interrupted();
        }

        @Override
        public void message(RunnerMessage message) {
            tape.add(Kind.RUNNER_MESSAGE, TapeValues.message(prompts ? message : TapeValues.withoutPrompts(message)));
            listener.message(message);
        }

        @Override
        public void closed(LinkEnd end) {
            tape.add(
                    Kind.LINK_CLOSED,
                    Map.of(
                            "direction",
                            direction.name(),
                            "code",
                            end.code(),
                            "cause",
                            end.cause().name()));
            listener.closed(end);
            tape.partClosed();
        }
    }

    private record TapedLink(RunnerLink link, Tape tape) implements RunnerLink {
        @Override
        public LinkDirection direction() {
            return link.direction();
        }

        @Override
        public void audio(short[] samples, int offset, int length, int sampleRateHz) {
            tape.add(Kind.RUNNER_AUDIO, samples, offset, length, sampleRateHz);
            link.audio(samples, offset, length, sampleRateHz);
        }

        @Override
        public void send(RunnerCommand command) {
            tape.add(Kind.COMMAND, TapeValues.command(command));
            link.send(command);
        }

        @Override
        public void playout(long positionMillis, long limitMillis, long queuedMillis) {
            report(positionMillis, limitMillis, queuedMillis);
            link.playout(positionMillis, limitMillis, queuedMillis);
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
            report(positionMillis, limitMillis, queuedMillis);
            tape.add(Kind.RUNNER_AUDIO, samples, offset, length, sampleRateHz);
            link.playoutAndAudio(positionMillis, limitMillis, queuedMillis, samples, offset, length, sampleRateHz);
        }

        private void report(long positionMillis, long limitMillis, long queuedMillis) {
            tape.add(
                    Kind.PLAYOUT,
                    Map.of("position_ms", positionMillis, "limit_ms", limitMillis, "queued_ms", queuedMillis));
        }

        @Override
        public void flushed(long atMillis, long droppedMillis, long limitMillis) {
            tape.add(Kind.FLUSHED, Map.of("at_ms", atMillis, "dropped_ms", droppedMillis, "limit_ms", limitMillis));
            link.flushed(atMillis, droppedMillis, limitMillis);
        }

        @Override
        public void close() {
            tape.add(Kind.LINK_CLOSE, Map.of());
            link.close();
        }
    }
}
