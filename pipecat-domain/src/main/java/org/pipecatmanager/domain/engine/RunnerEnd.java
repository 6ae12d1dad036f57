package org.pipecatmanager.domain.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionEvent.LinkClosed;
import org.pipecatmanager.domain.session.SessionEvent.LinkOpened;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.RunnerGate.LinkAdmission;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.out.TimeSource;

/**
 * The runner's end of one session: the sockets of the pipeline of now, and what comes over them.
 *
 * <p>Each pipeline has a token of its own. One that was given up is not let in and not heard any more, whatever it still
 * sends: its audio ends before {@link #giveUp} returns, its words and the fate of its sockets are dropped where they are read.
 *
 * <p><b>Threads.</b> Sockets call on theirs, {@link #giveUp}, {@link #renew} and {@link #command} on the session's. The lock
 * keeps the audio of two pipelines apart: it is held for the copy of one frame, and contended only while one replaces another.
 */
final class RunnerEnd {
    private final Session session;
    private final CallAudio audio;
    private final TimeSource time;
    private final IdSource ids;
    private final ReentrantLock speaking = new ReentrantLock();
    private volatile RunnerLinks links;

    RunnerEnd(Session session, CallAudio audio, TimeSource time, IdSource ids) {
        this.session = session;
        this.audio = audio;
        this.time = time;
        this.ids = ids;
        this.links = new RunnerLinks(ids.nextToken());
    }

    /** What the pipeline of now presents; any thread. */
    Secret token() {
        return links.token();
    }

    /** Decides on a socket; any thread. */
    LinkAdmission admit(LinkDirection direction, Secret token) {
        RunnerLinks now = links;
        if (!now.token().matches(token.reveal())) {
            return new LinkAdmission.Refused(RunnerGate.Refusal.UNAUTHORIZED);
        }
        if (session.isClosing() || now.isGivenUp()) {
            return new LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION);
        }
        return now.claim(direction)
                ? new LinkAdmission.Admitted(new LinkListener(this, now, direction))
                : new LinkAdmission.Refused(RunnerGate.Refusal.TAKEN);
    }

    /** The socket that commands go to, if there is one. */
    @Nullable
    RunnerLink input() {
        return links.input();
    }

    /** Sends a command where there is a socket for it. */
    void command(RunnerCommand command) {
        RunnerLink link = links.input();
        if (link != null) {
            link.send(command);
        }
    }

    void closeLinks() {
        links.closeAll();
    }

    /** Nothing more is heard of the pipeline of now; its sockets are closed. */
    void giveUp() {
        RunnerLinks now = links;
        speaking.lock();
        try {
            now.giveUp();
        } finally {
            speaking.unlock();
        }
        audio.runnerGivenUp();
        now.closeAll();
    }

    /** Lets another pipeline in, by a token of its own. */
    void renew() {
        links = new RunnerLinks(ids.nextToken());
    }

    // ---- sockets, on their threads

    void opened(RunnerLinks from, RunnerLink link) {
        from.opened(link);
        if (link.direction().carriesInput() && !from.isGivenUp()) {
            audio.attach(link);
            link.send(new RunnerCommand.ClientReady());
        }
        happened(from, new LinkOpened(link.direction()));
        if (from.isGivenUp()) {
            audio.detach(link);
            link.close();
        }
    }

    void closed(RunnerLinks from, LinkDirection direction, @Nullable RunnerLink link, LinkEnd end) {
        if (link != null) {
            from.closed(link);
            audio.detach(link);
            happened(from, new LinkClosed(direction, end));
        }
        from.free(direction);
    }

    void audio(RunnerLinks from, ByteBuffer pcm, int sampleRateHz) {
        speaking.lock();
        try {
            if (from.isGivenUp() || !audio.botAudio(pcm, sampleRateHz)) {
                return;
            }
        } finally {
            speaking.unlock();
        }
        long now = time.nanoTime();
        session.converse(talk -> talk.speechArrived(now));
    }

    void interrupted(RunnerLinks from) {
        speaking.lock();
        try {
            if (!from.isGivenUp()) {
                audio.botInterrupted();
            }
        } finally {
            speaking.unlock();
        }
    }

    void told(RunnerLinks from, RunnerMessage message) {
        long now = time.nanoTime();
        if (message instanceof RunnerMessage.CallEnding ending) {
            happened(from, new RunnerEnding(ending.reason(), ending.message()));
            return;
        }
        session.converse(talk -> {
            if (from.isGivenUp()) {
                return;
            }
            talk.told(message, now);
            if (isSignOfLife(message)) {
                session.hear(new SessionEvent.Spoke());
            }
        });
    }

    /** What a pipeline brought about that has been given up by the time it is read changes nothing. */
    private void happened(RunnerLinks from, SessionEvent event) {
        session.inTurn(() -> {
            if (!from.isGivenUp()) {
                session.hear(event);
            }
        });
    }

    private static boolean isSignOfLife(RunnerMessage message) {
        return !(message instanceof RunnerMessage.Metrics
                || message instanceof RunnerMessage.PipelineError
                || message instanceof RunnerMessage.ProviderError
                || message instanceof RunnerMessage.Context
                || message instanceof RunnerMessage.HeardEstimated
                || message instanceof RunnerMessage.BotReady);
    }
}
