package org.pipecatmanager.domain.engine;

import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.session.SessionEvent.BotAudible;
import org.pipecatmanager.domain.session.SessionEvent.BotSilent;
import org.pipecatmanager.domain.session.SessionEvent.LegClosed;
import org.pipecatmanager.ports.model.LegEnd;

/** The caller's leg, heard on its loop: everything but the end is part of the conversation. */
final class LegListener implements AudioBridge.Listener {
    private final Session session;

    LegListener(Session session) {
        this.session = session;
    }

    @Override
    public void pressed(char key) {
        session.keyPressed(key);
    }

    @Override
    public void closed(LegEnd how) {
        session.happened(new LegClosed(how));
    }

    @Override
    public void botAudible(long nowNanos) {
        session.converse(talk -> {
            talk.botAudible(nowNanos);
            session.hear(new BotAudible());
        });
    }

    @Override
    public void botSilent(long nowNanos) {
        session.converse(talk -> {
            talk.botSilent();
            session.hear(new BotSilent());
        });
    }

    @Override
    public void flushed(long heardMillis, long droppedMillis, boolean wasPlaying) {
        session.flushed(heardMillis, droppedMillis, wasPlaying);
    }

    /** Sound on the line alone says nothing about the conversation. */
    @Override
    public void callerHeard(long nowNanos) {}
}
