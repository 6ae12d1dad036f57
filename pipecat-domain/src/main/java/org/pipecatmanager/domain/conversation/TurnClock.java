package org.pipecatmanager.domain.conversation;

import java.time.Duration;
import org.pipecatmanager.ports.out.SessionMeter;

/** Measures turns: from the end of what the caller said to the first sound of the bot, at the leg. */
final class TurnClock {
    private final SessionMeter meter;
    private boolean botAudible;
    private boolean awaitingAnswer;
    private long callerDoneAt;

    TurnClock(SessionMeter meter) {
        this.meter = meter;
    }

    void callerStarted() {
        awaitingAnswer = false;
    }

    /** A caller who stops while the bot talks on was not answered by it. */
    void callerStopped(long now) {
        awaitingAnswer = !botAudible;
        callerDoneAt = now;
    }

    void botAudible(long now) {
        botAudible = true;
        if (awaitingAnswer) {
            awaitingAnswer = false;
            meter.turnLatency(Duration.ofNanos(Math.max(0, now - callerDoneAt)));
        }
    }

    void botSilent() {
        botAudible = false;
    }
}
