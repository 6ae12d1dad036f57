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
    private final RunnerEnd end;
    private final RunnerLinks pipeline;
    private final LinkDirection direction;

    /** Touched by the link's thread only. */
    private @Nullable RunnerLink link;

    LinkListener(RunnerEnd end, RunnerLinks pipeline, LinkDirection direction) {
        this.end = end;
        this.pipeline = pipeline;
        this.direction = direction;
    }

    @Override
    public void opened(RunnerLink opened) {
        link = opened;
        end.opened(pipeline, opened);
    }

    @Override
    public void audio(ByteBuffer pcm, int sampleRateHz) {
        end.audio(pipeline, pcm, sampleRateHz);
    }

    @Override
    public void interrupted() {
        end.interrupted(pipeline);
    }

    @Override
    public void message(RunnerMessage message) {
        end.told(pipeline, message);
    }

    @Override
    public void closed(LinkEnd how) {
        end.closed(pipeline, direction, link, how);
    }
}
