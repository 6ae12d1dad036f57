package org.pipecatmanager.domain.conversation;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.model.TurnMetrics;
import org.pipecatmanager.ports.out.SessionMeter;

/**
 * Keeps the latencies of turns, from the moment the caller's voice stopped to the last frame of an answer that was cut off.
 *
 * <p>A turn begins with the end of what the caller said, the greeting's with the call. What belongs to it is filled in once, as
 * it happens; it is told when the bot falls silent, when the caller speaks again, and at the end, each time only if something
 * is new. A greeting that nobody heard is no turn.
 */
final class TurnLedger {
    private final PipecatcallId id;
    private final SessionMeter meter;
    private final Conversation.Output output;

    private @Nullable Entry current;
    private int told;
    private boolean callerSpeaking;
    private boolean botAudible;
    private boolean awaitingAnswer;
    private long callerDoneAt;
    /** Of the caller's turn that is not over yet. */
    private @Nullable Long voiceStoppedAt;

    private @Nullable Long transcriptAt;
    /** Speech that came before the call was live. */
    private boolean speechIsHere;

    /** What the runner measured of the turn that has not begun yet. */
    private RunnerFigures early = new RunnerFigures();

    TurnLedger(PipecatcallId id, SessionMeter meter, Conversation.Output output) {
        this.id = id;
        this.meter = meter;
        this.output = output;
    }

    /** Caller and bot can hear each other: the bot may speak first. */
    void live(long now) {
        Entry greeting = entry(now);
        greeting.kind = Turn.Kind.GREETING;
        greeting.firstSpeech = speechIsHere ? 0L : null;
        current = greeting;
    }

    void callerStarted() {
        callerSpeaking = true;
        awaitingAnswer = false;
        tell();
    }

    /** The caller's voice fell silent; whether the turn is over is decided later. */
    void voiceStopped(long at) {
        voiceStoppedAt = at;
    }

    void transcribed(long now) {
        Entry turn = current;
        if (callerSpeaking || turn == null || turn.kind == Turn.Kind.GREETING || turn.transcript != null) {
            transcriptAt = now;
        } else {
            turn.transcript = turn.millisTo(now);
            turn.changed = true;
        }
    }

    /** The caller's turn is over. One who stops while the bot talks on was not answered by it. */
    void callerStopped(long now) {
        tell();
        callerSpeaking = false;
        awaitingAnswer = !botAudible;
        callerDoneAt = now;
        Long voice = voiceStoppedAt;
        Long transcript = transcriptAt;
        Entry turn = entry(voice == null ? now : voice);
        turn.endOfTurn = turn.millisTo(now);
        turn.transcript = transcript == null ? null : turn.millisTo(transcript);
        turn.changed = true;
        current = turn;
        voiceStoppedAt = null;
        transcriptAt = null;
        listenForSpeech();
    }

    /** What the runner measured: of the recogniser it belongs to what the caller says, everything else to the answer. */
    void measured(List<TurnMetrics.Sample> samples) {
        for (TurnMetrics.Sample sample : samples) {
            RunnerFigures.Figure figure = RunnerFigures.figureOf(sample);
            if (figure == null) {
                continue;
            }
            figure.tell(meter);
            Entry turn = current;
            if (turn == null || (figure.isOfHearing() && (callerSpeaking || turn.kind == Turn.Kind.GREETING))) {
                early.add(figure);
            } else {
                turn.figures.add(figure);
                turn.changed = true;
            }
        }
    }

    /** The runner is gone, and with it what it knew of the caller; the answer is still awaited. */
    void runnerLost() {
        callerSpeaking = false;
        voiceStoppedAt = null;
        tell();
        listenForSpeech();
    }

    /** A piece of the model's text. */
    void token(long now) {
        Entry turn = current;
        if (turn != null && turn.firstToken == null && !callerSpeaking) {
            turn.firstToken = turn.millisTo(now);
            turn.changed = true;
        }
    }

    /** Bot audio came from the runner, for the first time since it was listened for. */
    void speechArrived(long now) {
        Entry turn = current;
        if (turn == null) {
            speechIsHere = true;
        } else if (turn.firstSpeech == null) {
            turn.firstSpeech = turn.millisTo(now);
            turn.changed = true;
        }
    }

    /**
     * The first bot audio after silence left to the caller.
     *
     * @param toolRunning whether the model still waits for a tool: what is heard then bridges the time
     */
    void botAudible(long now, boolean toolRunning) {
        botAudible = true;
        if (awaitingAnswer) {
            awaitingAnswer = false;
            meter.turnLatency(Duration.ofNanos(Math.max(0, now - callerDoneAt)));
        }
        Entry turn = current;
        if (turn != null && turn.firstFrame == null) {
            turn.firstFrame = turn.millisTo(now);
            turn.changed = true;
            if (turn.kind == Turn.Kind.ANSWER && (toolRunning || turn.firstToken == null)) {
                turn.kind = Turn.Kind.FILLER;
            }
        }
    }

    void botSilent() {
        botAudible = false;
        tell();
        listenForSpeech();
    }

    /**
     * What the caller heard was cut off.
     *
     * @param toldAt when the runner said so
     * @param now    from here on none of it is written
     */
    void cutOff(long toldAt, long now) {
        Entry turn = current;
        if (turn != null && turn.firstFrame != null && turn.bargeIn == null) {
            turn.bargeIn = turn.millisTo(toldAt);
            turn.lastOldFrame = turn.millisTo(now);
            turn.changed = true;
        }
    }

    void finish() {
        tell();
    }

    private Entry entry(long origin) {
        Entry entry = new Entry(origin, early);
        early = new RunnerFigures();
        return entry;
    }

    /** While the bot talks on, what comes is what it was saying before. */
    private void listenForSpeech() {
        Entry turn = current;
        if (!botAudible && turn != null && turn.firstSpeech == null) {
            output.awaitSpeech();
        }
    }

    private void tell() {
        Entry turn = current;
        if (turn == null || !turn.changed || (turn.kind == Turn.Kind.GREETING && turn.firstFrame == null)) {
            return;
        }
        turn.changed = false;
        if (turn.number == 0) {
            told++;
            turn.number = told;
        }
        output.turn(new Turn(
                id,
                turn.number,
                turn.kind,
                output.wallClock(turn.origin),
                turn.endOfTurn,
                turn.transcript,
                turn.firstToken,
                turn.firstSpeech,
                turn.firstFrame,
                turn.bargeIn,
                turn.lastOldFrame,
                turn.figures.told()));
    }

    private static final class Entry {
        final long origin;
        final RunnerFigures figures;
        int number;
        Turn.Kind kind = Turn.Kind.ANSWER;
        boolean changed;

        @Nullable
        Long endOfTurn;

        @Nullable
        Long transcript;

        @Nullable
        Long firstToken;

        @Nullable
        Long firstSpeech;

        @Nullable
        Long firstFrame;

        @Nullable
        Long bargeIn;

        @Nullable
        Long lastOldFrame;

        Entry(long origin, RunnerFigures figures) {
            this.origin = origin;
            this.figures = figures;
        }

        /** What came before the origin, such as a transcript that was ahead of the voice detector, counts as there already. */
        Long millisTo(long nanos) {
            return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanos - origin));
        }
    }
}
