package org.pipecatmanager.domain.engine;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.conversation.Conversation;
import org.pipecatmanager.domain.conversation.ConversationMemory;
import org.pipecatmanager.domain.engine.Preparation.Prepared;
import org.pipecatmanager.domain.recording.Recorder;
import org.pipecatmanager.domain.session.SessionEffect;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionEvent.DeadlinePassed;
import org.pipecatmanager.domain.session.SessionEvent.EndAsked;
import org.pipecatmanager.domain.session.SessionEvent.LegOpened;
import org.pipecatmanager.domain.session.SessionEvent.RecordFailed;
import org.pipecatmanager.domain.session.SessionEvent.RecordTaken;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionMachine;
import org.pipecatmanager.domain.session.SessionState;
import org.pipecatmanager.domain.session.Step;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RecordingMode;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.RequestException;

/**
 * One session: what it hears goes through its mailbox to the machine, and the machine's effects are performed here.
 *
 * <p><b>Threads.</b> Fields under "mailbox" belong to whoever serves the mailbox; everything else is final, atomic or
 * volatile. No method that media or link threads call blocks.
 */
final class Session {
    private final PipecatcallId id;
    private final boolean withLeg;
    private final EngineSettings settings;
    private final EnginePorts ports;
    private final Consumer<Session> onRelease;
    private final Mailbox mailbox;
    private final CallAudio audio;
    private final RunnerEnd runner;
    private final ConversationMemory memory;
    private final CallSetup setup;
    private final CallTrace trace;
    private final SessionJournal journal;
    private final ToolCallIds toolCallIds = new ToolCallIds();
    private final CompletableFuture<Boolean> recorded = new CompletableFuture<>();
    private final AtomicBoolean overflowed = new AtomicBoolean();
    private volatile boolean closing;

    // ---- mailbox
    private final Conversation conversation;
    private final SessionAlarms alarms;
    private final TextMessages messages;
    private final ArrayDeque<SessionEvent> pending = new ArrayDeque<>();
    private SessionMachine machine;
    private SessionState state = new SessionState.Accepted();

    /**
     * Makes a session that does nothing before {@link #open}.
     *
     * @param accepted  the record as it will be inserted
     * @param trace     the spans it is
     * @param known     what the call needs; null when the platform has to be asked
     * @param withLeg   whether the caller's leg is already here
     * @param onRelease told once, when nothing of the session is left to do
     */
    Session(
            Pipecatcall accepted,
            CallTrace trace,
            String requestHash,
            @Nullable Prepared known,
            boolean withLeg,
            EngineSettings settings,
            EnginePorts ports,
            Consumer<Session> onRelease) {
        this.id = accepted.id();
        this.withLeg = withLeg;
        this.settings = settings;
        this.ports = ports;
        this.trace = trace;
        this.onRelease = onRelease;
        this.journal = new SessionJournal(
                accepted, trace, requestHash, ports, () -> pending.add(new EndAsked(EndReason.OVERLOADED)));
        this.audio = new CallAudio(withLeg, ports.time());
        this.runner = new RunnerEnd(this, audio, ports.time(), ports.ids());
        this.memory = new ConversationMemory(accepted.llmMessages());
        this.conversation = new Conversation(
                accepted.ref(),
                ports.ids(),
                ports.meter(),
                new Results(journal, audio, memory, ports.time(), this::talkAt));
        this.messages = new TextMessages(accepted.ref(), ports.ids(), conversation);
        this.alarms = new SessionAlarms(ports.alarms(), ports.time());
        this.setup = new CallSetup(id, trace, known, ports, this::happened);
        this.machine = SessionMachine.undecided(settings.limits());
        Threads threads =
                (name, task) -> ports.threads().start(name, () -> trace.call().run(task));
        this.mailbox = new Mailbox("session-" + id, settings.mailboxCapacity(), threads, this::begin);
        if (known != null) {
            settle(known);
        }
        if (withLeg) {
            happened(new LegOpened());
        }
    }

    private void settle(Prepared known) {
        machine = new SessionMachine(known.plan(), known.mediaCallId() != null);
        if (known.plan().needsLeg()) {
            audio.bridge(
                    new AudioBridge(known.audio(), new LegListener(this), ports.meter(), ports.time()),
                    recording(known));
        }
    }

    private @Nullable Consumer<AudioBridge> recording(Prepared known) {
        boolean asked = known.agent() != null && known.agent().recording() != RecordingMode.OFF;
        Recorder recorder = ports.recorder();
        return asked && recorder != null ? bridge -> recorder.record(id, bridge) : null;
    }

    // ---- what the engine asks, any thread

    PipecatcallId id() {
        return id;
    }

    String requestHash() {
        return journal.requestHash();
    }

    /** What the model may call. */
    List<ToolDefinition> tools() {
        return setup.tools();
    }

    /** Its spans. */
    CallTrace trace() {
        return trace;
    }

    ToolCallIds toolCallIds() {
        return toolCallIds;
    }

    /** The sockets of its runner. */
    RunnerEnd runner() {
        return runner;
    }

    /** The record as it stands. */
    Pipecatcall call() {
        return journal.call();
    }

    /** Whether the reason to end is settled. */
    boolean isClosing() {
        return closing;
    }

    void open() {
        mailbox.open();
    }

    /** True when the record is written, false when the id had one; fails when the store did. */
    CompletableFuture<Boolean> recorded() {
        return recorded;
    }

    /** Whether nobody else may ever have this id: not so when there is neither a record nor a leg. */
    boolean hasUsedItsId() {
        return !recorded.isCompletedExceptionally() || audio.hadLeg();
    }

    /** Instead of {@link #open}, for a session that came too late; a leg that found it nevertheless is ended. */
    void abandon() {
        closing = true;
        audio.endLeg(EndReason.SHUTDOWN);
        recorded.completeExceptionally(
                RequestException.unavailable("STOPPING", "call " + id + " came while the daemon was stopping"));
    }

    /** Whether it is known what the call needs, or will never be. */
    boolean isPrepared() {
        return closing || setup.isSettled();
    }

    /** Takes the one place a caller has; null when it is taken, not needed, not known yet, or too late. */
    @Nullable
    LegMedia claimLeg() {
        LegMedia media = closing ? null : audio.claimLeg();
        if (media != null) {
            happened(new LegOpened());
        }
        return media;
    }

    /** The sound of the call; null where it has none, or where that is not known yet. */
    @Nullable
    AudioBridge sound() {
        return audio.media();
    }

    /** The media of the leg that came with the session. */
    LegMedia media() {
        LegMedia media = audio.ownLeg();
        if (media == null) {
            throw new IllegalStateException("call " + id + " is text only and has no leg");
        }
        return media;
    }

    /** Ends the session; completes with the record when that was heard. */
    CompletableFuture<Pipecatcall> end(EndReason reason) {
        CompletableFuture<Pipecatcall> answer = new CompletableFuture<>();
        mailbox.put(() -> {
            read(() -> hear(new EndAsked(reason)));
            answer.complete(call());
        });
        return answer;
    }

    /** Ends the session because the daemon stops. */
    void shutDown() {
        happened(new EndAsked(EndReason.SHUTDOWN));
    }

    /** Another daemon closed the record: ends the session without a word. */
    void lost() {
        mailbox.put(() -> read(() -> {
            Defects.note(id, "another daemon took this one for dead and closed the call; it ends here, too");
            journal.fallSilent();
            hear(new EndAsked(EndReason.HOST_LOST));
        }));
    }

    /** Something rare happened; never refused. */
    void happened(SessionEvent event) {
        inTurn(() -> hear(event));
    }

    /** A letter that must not be lost; never refused. */
    void inTurn(Runnable letter) {
        mailbox.put(() -> read(letter));
    }

    /** Something of the conversation happened; what comes after the end is not part of it. */
    void converse(Consumer<Conversation> what) {
        offer(() -> {
            if (!(state instanceof SessionState.Ended)) {
                what.accept(conversation);
            }
        });
    }

    /** Sends a message into the conversation. */
    CompletableFuture<Message> send(MessageCommand command) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        boolean kept = offer(() -> {
            try {
                answer.complete(answer(command));
            } catch (RequestException e) {
                answer.completeExceptionally(e);
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
                throw e;
            }
        });
        if (!kept) {
            answer.completeExceptionally(RequestException.unavailable(
                    "SESSION_OVERLOADED", "call " + id + " cannot keep up with its messages and ends"));
        }
        return answer;
    }

    /** A session that cannot keep up with what it is told ends as overloaded. */
    @CanIgnoreReturnValue
    private boolean offer(Runnable letter) {
        boolean kept = mailbox.offer(() -> read(letter));
        if (!kept && overflowed.compareAndSet(false, true)) {
            Defects.note(id, "more messages wait than its mailbox holds; the call ends as overloaded");
            happened(new EndAsked(EndReason.OVERLOADED));
        }
        return kept;
    }

    // ---- the caller's leg, on its loop

    /** Keys are what the user says, too, unless somebody else tells us of them as messages. */
    void keyPressed(char key) {
        ports.meter().keyPressed();
        if (settings.dtmfAsInput()) {
            converse(talk -> {
                talk.pressed(key);
                runner.command(new RunnerCommand.PressKey(key));
                hear(new Spoke());
            });
        }
    }

    void flushed(long heardMillis, long droppedMillis, boolean wasPlaying) {
        long toldAt = audio.interruptedAt();
        long now = ports.time().nanoTime();
        converse(talk -> talk.flushed(heardMillis, droppedMillis, wasPlaying, toldAt, now));
    }

    // ---- the mailbox

    private void begin() {
        take(machine.begin());
        hearPending();
    }

    private void read(Runnable letter) {
        guarded(letter);
        hearPending();
    }

    /** Within a letter only. */
    void hear(SessionEvent event) {
        pending.add(event);
        hearPending();
    }

    /** What an effect brings about is heard right after it, before the next letter. */
    private void hearPending() {
        for (SessionEvent event = pending.poll(); event != null; event = pending.poll()) {
            trace.heard(event);
            take(machine.on(state, event, ports.time().nanoTime()));
        }
    }

    private void take(Step step) {
        state = step.next();
        trace.moved(state);
        closing = state instanceof SessionState.Ending || state instanceof SessionState.Ended;
        for (SessionEffect effect : step.effects()) {
            guarded(() -> perform(effect));
        }
    }

    /** What fails here is a defect of ours and ends the session. */
    private void guarded(Runnable what) {
        try {
            what.run();
        } catch (RuntimeException e) {
            Defects.report(id, "a step of the session", e);
            pending.add(new EndAsked(EndReason.INTERNAL));
        }
    }

    private void perform(SessionEffect effect) {
        switch (effect) {
            case SessionEffect.InsertRecord unused -> insert();
            case SessionEffect.WriteStatus write -> write(write.status(), write.reason());
            case SessionEffect.Announce announce -> announce(announce.type());
            case SessionEffect.ReportProblem problem ->
                journal.publish(
                        EventType.ERROR_REPORTED,
                        new Problem(call().ref(), problem.source(), problem.message(), problem.fatal()));
            case SessionEffect.Prepare unused ->
                setup.prepare(call(), answer -> mailbox.put(() -> read(() -> prepared(answer))));
            case SessionEffect.StartMedia unused -> setup.startMedia();
            case SessionEffect.StopMedia unused -> setup.stopMedia();
            case SessionEffect.StartRunner start -> startRunner(start.attempt());
            case SessionEffect.StopRunner unused -> setup.stopRunner();
            case SessionEffect.EndLeg unused -> audio.endLeg(state.endReason());
            case SessionEffect.CloseLinks unused -> runner.closeLinks();
            case SessionEffect.GiveRunnerUp unused -> giveRunnerUp();
            case SessionEffect.ReportLoss loss ->
                journal.publish(
                        EventType.RUNNER_LOST,
                        new RunnerChange(call().ref(), loss.attempt(), loss.loss(), loss.message(), 0));
            case SessionEffect.ReportReplacement done -> replaced(done.attempt(), Duration.ofNanos(done.tookNanos()));
            case SessionEffect.CountFailedTry unused -> ports.meter().runnerReplacementFailed();
            case SessionEffect.WakeAt wake ->
                alarms.wakeAt(wake.deadline(), wake.atNanos(), () -> happened(new DeadlinePassed(wake.deadline())));
            case SessionEffect.FinishConversation unused -> finish();
            case SessionEffect.Release unused -> release();
        }
    }

    private void insert() {
        try {
            boolean written = journal.insert();
            if (written) {
                ports.meter().sessionAccepted();
            } else if (withLeg) {
                ports.meter().legRefused(LegGate.Refusal.ALREADY_USED);
            }
            pending.add(written ? new RecordWritten() : new RecordTaken());
            recorded.complete(written);
        } catch (RuntimeException e) {
            Defects.note(id, "its record could not be inserted: " + e.getClass().getSimpleName());
            ports.meter().sessionAccepted();
            pending.add(new RecordFailed("the record could not be inserted"));
            recorded.completeExceptionally(e);
        }
    }

    private void write(PipecatcallStatus status, @Nullable EndReason reason) {
        if (!journal.write(status, reason)) {
            Defects.note(id, "the store no longer has its record");
            pending.add(new RecordFailed("the store no longer has the record of call " + id));
        }
    }

    private void announce(EventType type) {
        if (type == EventType.PIPECATCALL_INITIALIZED) {
            ports.meter().sessionLive(journal.age());
            conversation.live(setup.known().plan().needsLeg(), ports.time().nanoTime());
        }
        journal.publish(type, call());
    }

    private void startRunner(int attempt) {
        if (attempt > 0) {
            runner.renew();
        }
        setup.startRunner(call(), runner.token(), attempt == 0 ? null : memory.resume(attempt));
    }

    /** What the lost pipeline has told so far is settled; what it still tells is not heard. */
    private void giveRunnerUp() {
        runner.giveUp();
        conversation.runnerLost(ports.time().nanoTime());
    }

    private void replaced(int attempt, Duration took) {
        ports.meter().runnerReplaced(took);
        journal.publish(EventType.RUNNER_REPLACED, new RunnerChange(call().ref(), attempt, null, "", took.toMillis()));
    }

    /** What comes too late changes nothing. */
    private void prepared(Prepared answer) {
        if (state instanceof SessionState.Preparing) {
            settle(answer);
            setup.settle(answer);
            hear(new SessionEvent.Prepared());
        }
    }

    private void finish() {
        if (state instanceof SessionState.Ended ended) {
            conversation.finish(ended.reason());
            AudioBridge sound = audio.hadLeg() ? audio.media() : null;
            journal.report(sound == null ? null : sound.snapshot());
        }
    }

    private void release() {
        alarms.cancelAll();
        EndReason reason = call().endReason();
        if (reason != null) {
            ports.meter().sessionEnded(reason, journal.age());
        }
        trace.over(reason);
        onRelease.accept(this);
    }

    private void talkAt(long nanos) {
        alarms.wakeConversationAt(
                nanos,
                () -> mailbox.put(
                        () -> read(() -> conversation.onTime(ports.time().nanoTime()))));
    }

    private Message answer(MessageCommand command) {
        Message before = messages.answered(command);
        if (before != null) {
            return before;
        }
        if (closing) {
            throw RequestException.notFound();
        }
        Message sent = messages.send(command, state instanceof SessionState.Live ? runner.input() : null);
        hear(new Spoke());
        return sent;
    }
}
