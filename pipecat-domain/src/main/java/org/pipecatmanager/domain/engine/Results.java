package org.pipecatmanager.domain.engine;

import java.time.Instant;
import java.util.function.LongConsumer;
import org.pipecatmanager.domain.conversation.Conversation;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.TimeSource;

/** What the conversation of one session produces, kept in its order. */
final class Results implements Conversation.Output {
    private final SessionJournal journal;
    private final CallAudio audio;
    private final TimeSource time;
    private final LongConsumer wakeAt;

    Results(SessionJournal journal, CallAudio audio, TimeSource time, LongConsumer wakeAt) {
        this.journal = journal;
        this.audio = audio;
        this.time = time;
        this.wakeAt = wakeAt;
    }

    @Override
    public void publish(EventType type, EventPayload payload) {
        journal.publish(type, payload);
    }

    @Override
    public void said(SpokenMessage.Speaker speaker, String text, boolean interrupted) {
        journal.said(speaker, text, interrupted);
    }

    @Override
    public void turn(Turn turn) {
        journal.turn(turn);
    }

    @Override
    public void awaitSpeech() {
        audio.awaitSpeech();
    }

    @Override
    public Instant wallClock(long nanos) {
        return time.now().minusNanos(time.nanoTime() - nanos);
    }

    @Override
    public void wakeAt(long nanos) {
        wakeAt.accept(nanos);
    }
}
