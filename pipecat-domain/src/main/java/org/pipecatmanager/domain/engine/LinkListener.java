package org.pipecatmanager.domain.engine;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.out.RunnerLink;

/** One socket of the runner, heard on its own thread: audio goes straight to the bridge, everything else to the mailbox. */
final class LinkListener implements RunnerGate.Listener {
    private final Session session;
    private final LinkDirection direction;

    /** Touched by the link's thread only. */
    private @Nullable RunnerLink link;

    LinkListener(Session session, LinkDirection direction) {
        this.session = session;
        this.direction = direction;
    }

    @Override
    public void opened(RunnerLink opened) {
        link = opened;
        session.linkOpened(opened);
    }

    @Override
    public void audio(ByteBuffer pcm, int sampleRateHz) {
        session.botAudio(pcm, sampleRateHz);
    }

    @Override
    public void interrupted() {
        session.botInterrupted();
    }

    @Override
    public void message(RunnerMessage message) {
        session.told(message);
    }

    @Override
    public void closed(LinkEnd end) {
        session.linkClosed(direction, link, end);
    }
}
