package org.pipecatmanager.domain.engine;

import java.time.Instant;
import java.util.function.LongConsumer;
import org.pipecatmanager.domain.conversation.Conversation;
import org.pipecatmanager.domain.conversation.ConversationMemory;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.TimeSource;

/** What the conversation of one session produces, kept in its order. */
final class Results implements Conversation.Output {
    private final SessionJournal journal;
    private final CallAudio audio;
    private final ConversationMemory memory;
    private final TimeSource time;
    private final LongConsumer wakeAt;

    Results(SessionJournal journal, CallAudio audio, ConversationMemory memory, TimeSource time, LongConsumer wakeAt) {
        this.journal = journal;
        this.audio = audio;
        this.memory = memory;
        this.time = time;
        this.wakeAt = wakeAt;
    }

    @Override
    public void publish(EventType type, EventPayload payload) {
        journal.publish(type, payload);
    }

    @Override
    public void said(SpokenMessage.Speaker speaker, String text, boolean interrupted, boolean estimated) {
        journal.said(speaker, text, interrupted, estimated);
        memory.said(speaker, text);
    }

    @Override
    public void remembered(RunnerMessage.Context told) {
        memory.told(told.from(), told.messages(), told.member());
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
