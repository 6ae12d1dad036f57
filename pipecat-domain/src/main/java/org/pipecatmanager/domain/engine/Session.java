package org.pipecatmanager.domain.engine;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.conversation.Conversation;
import org.pipecatmanager.domain.session.SessionEffect;
import org.pipecatmanager.domain.session.SessionEffect.Announce;
import org.pipecatmanager.domain.session.SessionEffect.CloseLinks;
import org.pipecatmanager.domain.session.SessionEffect.EndLeg;
import org.pipecatmanager.domain.session.SessionEffect.FinishConversation;
import org.pipecatmanager.domain.session.SessionEffect.InsertRecord;
import org.pipecatmanager.domain.session.SessionEffect.Release;
import org.pipecatmanager.domain.session.SessionEffect.ReportProblem;
import org.pipecatmanager.domain.session.SessionEffect.StartRunner;
import org.pipecatmanager.domain.session.SessionEffect.StopRunner;
import org.pipecatmanager.domain.session.SessionEffect.WakeAt;
import org.pipecatmanager.domain.session.SessionEffect.WriteStatus;
import org.pipecatmanager.domain.session.SessionEvent;
import org.pipecatmanager.domain.session.SessionEvent.DeadlinePassed;
import org.pipecatmanager.domain.session.SessionEvent.EndAsked;
import org.pipecatmanager.domain.session.SessionEvent.LegOpened;
import org.pipecatmanager.domain.session.SessionEvent.LinkClosed;
import org.pipecatmanager.domain.session.SessionEvent.LinkOpened;
import org.pipecatmanager.domain.session.SessionEvent.RecordFailed;
import org.pipecatmanager.domain.session.SessionEvent.RecordTaken;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionMachine;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.domain.session.SessionState;
import org.pipecatmanager.domain.session.Step;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.out.StoreException;

/**
 * One session: what it hears goes through its mailbox to the machine, and the machine's effects are performed here.
 *
 * <p><b>Threads.</b> Fields under "mailbox" belong to whoever serves the mailbox; everything else is final, atomic or
 * volatile. No method that media or link threads call blocks.
 */
final class Session {
    private final PipecatcallId id;
    private final Agent agent;
    private final Secret token;
    private final String requestHash;
    private final boolean withLeg;
    private final EnginePorts ports;
    private final Consumer<Session> onRelease;
    private final Mailbox mailbox;
    private final RunnerLinks links = new RunnerLinks();
    private final RunnerPipeline pipeline;
    private final @Nullable AudioBridge bridge;
    private final long acceptedAt;
    private final CompletableFuture<Boolean> recorded = new CompletableFuture<>();
    private final AtomicBoolean legClaimed;
    private final AtomicBoolean overflowed = new AtomicBoolean();
    private volatile Pipecatcall call;
    private volatile boolean closing;

    // ---- mailbox
    private final SessionMachine machine;
    private final Conversation conversation;
    private final SessionAlarms alarms;
    private final TextMessages messages;
    private final ArrayDeque<SessionEvent> pending = new ArrayDeque<>();
    private SessionState state = new SessionState.Accepted();
    private long sequence;

    /**
     * Makes a session that does nothing before {@link #open}.
     *
     * @param accepted  the record as it will be inserted
     * @param withLeg   whether the caller's leg is already here
     * @param onRelease told once, when nothing of the session is left to do
     */
    Session(
            Pipecatcall accepted,
            String requestHash,
            Agent agent,
            SessionPlan plan,
            boolean withLeg,
            int mailboxCapacity,
            EnginePorts ports,
            Consumer<Session> onRelease) {
        this.id = accepted.id();
        this.call = accepted;
        this.requestHash = requestHash;
        this.agent = agent;
        this.withLeg = withLeg;
        this.ports = ports;
        this.onRelease = onRelease;
        this.token = ports.ids().nextToken();
        this.acceptedAt = ports.time().nanoTime();
        this.legClaimed = new AtomicBoolean(withLeg || !plan.needsLeg());
        this.bridge = plan.needsLeg()
                ? new AudioBridge(agent.audio(), new LegListener(this), ports.meter(), ports.time())
                : null;
        this.machine = new SessionMachine(plan);
        this.conversation = new Conversation(accepted.ref(), ports.ids(), ports.meter(), new Events());
        this.messages = new TextMessages(accepted.ref(), ports.ids(), conversation);
        this.alarms = new SessionAlarms(ports.alarms(), ports.time());
        this.pipeline = new RunnerPipeline(id, ports.launcher(), ports.threads(), this::happened);
        this.mailbox = new Mailbox("session-" + id, mailboxCapacity, ports.threads(), this::begin);
        if (withLeg) {
            happened(new LegOpened());
        }
    }

    // ---- what the engine asks, any thread

    PipecatcallId id() {
        return id;
    }

    String requestHash() {
        return requestHash;
    }

    Agent agent() {
        return agent;
    }

    Secret token() {
        return token;
    }

    /** The record as it stands. */
    Pipecatcall call() {
        return call;
    }

    /** Whether the reason to end is settled. */
    boolean isClosing() {
        return closing;
    }

    /** Sends a command where there is a socket for it. Within a letter only. */
    void command(RunnerCommand command) {
        RunnerLink link = links.input();
        if (link != null) {
            link.send(command);
        }
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
        return !recorded.isCompletedExceptionally() || (bridge != null && legClaimed.get());
    }

    /** Instead of {@link #open}, for a session that came too late; a leg that found it nevertheless is ended. */
    void abandon() {
        closing = true;
        endLeg();
        recorded.completeExceptionally(
                RequestException.unavailable("STOPPING", "call " + id + " came while the daemon was stopping"));
    }

    /** Takes the one place a caller has; null when it is taken, not needed, or too late. */
    @Nullable
    LegMedia claimLeg() {
        AudioBridge media = bridge;
        if (media == null || closing || !legClaimed.compareAndSet(false, true)) {
            return null;
        }
        happened(new LegOpened());
        return media;
    }

    /** The media of the leg that came with the session. */
    LegMedia media() {
        AudioBridge media = bridge;
        if (media == null) {
            throw new IllegalStateException("call " + id + " is text only and has no leg");
        }
        return media;
    }

    boolean claimLink(LinkDirection direction) {
        return links.claim(direction);
    }

    /** Ends the session; completes with the record when that was heard. */
    CompletableFuture<Pipecatcall> end(EndReason reason) {
        CompletableFuture<Pipecatcall> answer = new CompletableFuture<>();
        mailbox.put(() -> {
            read(() -> hear(new EndAsked(reason)));
            answer.complete(call);
        });
        return answer;
    }

    /** Ends the session because the daemon stops. */
    void shutDown() {
        happened(new EndAsked(EndReason.SHUTDOWN));
    }

    /** Something rare happened; never refused. */
    void happened(SessionEvent event) {
        mailbox.put(() -> read(() -> hear(event)));
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

    // ---- the runner's sockets, on their threads

    void linkOpened(RunnerLink link) {
        links.opened(link);
        if (link.direction().carriesInput()) {
            if (bridge != null) {
                bridge.attach(link);
            }
            link.send(new RunnerCommand.ClientReady());
        }
        happened(new LinkOpened(link.direction()));
    }

    void linkClosed(LinkDirection direction, @Nullable RunnerLink link, LinkEnd end) {
        if (link != null) {
            links.closed(link);
            if (bridge != null) {
                bridge.detach(link);
            }
            happened(new LinkClosed(direction, end));
        }
        links.free(direction);
    }

    void botAudio(ByteBuffer pcm, int sampleRateHz) {
        if (bridge != null) {
            bridge.runnerAudio(pcm, sampleRateHz);
        }
    }

    void botInterrupted() {
        if (bridge != null) {
            bridge.runnerInterrupted();
        }
    }

    void told(RunnerMessage message) {
        long now = ports.time().nanoTime();
        if (message instanceof RunnerMessage.CallEnding ending) {
            happened(new RunnerEnding(ending.reason(), ending.message()));
            return;
        }
        converse(talk -> {
            talk.told(message, now);
            if (isSignOfLife(message)) {
                hear(new Spoke());
            }
        });
    }

    private static boolean isSignOfLife(RunnerMessage message) {
        return !(message instanceof RunnerMessage.Metrics
                || message instanceof RunnerMessage.PipelineError
                || message instanceof RunnerMessage.BotReady);
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
            take(machine.on(state, event, ports.time().nanoTime()));
        }
    }

    private void take(Step step) {
        state = step.next();
        closing = state instanceof SessionState.Ending || state instanceof SessionState.Ended;
        for (SessionEffect effect : step.effects()) {
            guarded(() -> perform(effect));
        }
    }

    /** A failure of the store is an event; any other is a defect of ours and ends the session. */
    private void guarded(Runnable what) {
        try {
            what.run();
        } catch (StoreException e) {
            Defects.note(id, "its record could not be written: " + e.getMessage());
            pending.add(new RecordFailed(String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            Defects.report(id, "a step of the session", e);
            pending.add(new EndAsked(EndReason.INTERNAL));
        }
    }

    private void perform(SessionEffect effect) {
        switch (effect) {
            case InsertRecord unused -> insert();
            case WriteStatus write -> write(write);
            case Announce announce -> announce(announce.type());
            case ReportProblem problem ->
                publish(
                        EventType.ERROR_REPORTED,
                        new Problem(call.ref(), problem.source(), problem.message(), problem.fatal()));
            case StartRunner unused ->
                pipeline.start(new RunnerLaunch(call, agent, token, Assistance.NONE, agent.tools(), agent.audio()));
            case StopRunner unused -> pipeline.stop();
            case EndLeg unused -> endLeg();
            case CloseLinks unused -> links.closeAll();
            case WakeAt wake ->
                alarms.wakeAt(wake.deadline(), wake.atNanos(), () -> happened(new DeadlinePassed(wake.deadline())));
            case FinishConversation unused -> conversation.finish();
            case Release unused -> release();
        }
    }

    private void insert() {
        try {
            boolean written = ports.store().insert(call, requestHash);
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
            call = call.withStatus(
                    PipecatcallStatus.ENDED, EndReason.INTERNAL, ports.time().now());
            pending.add(new RecordFailed("the record could not be inserted"));
            recorded.completeExceptionally(e);
        }
    }

    private void write(WriteStatus write) {
        call = call.withStatus(write.status(), write.reason(), ports.time().now());
        if (!ports.store().update(call)) {
            throw new StoreException("the store no longer has the record of call " + id, null);
        }
    }

    private void announce(EventType type) {
        if (type == EventType.PIPECATCALL_INITIALIZED) {
            ports.meter().sessionLive(age());
        }
        publish(type, call);
    }

    private void publish(EventType type, EventPayload payload) {
        sequence++;
        ports.publisher().publish(new CallEvent(id, sequence, type, ports.time().now(), payload));
        ports.meter().eventPublished();
    }

    private void endLeg() {
        if (bridge != null) {
            bridge.end();
        }
    }

    private void release() {
        alarms.cancelAll();
        EndReason reason = call.endReason();
        if (reason != null) {
            ports.meter().sessionEnded(reason, age());
        }
        onRelease.accept(this);
    }

    private Duration age() {
        return Duration.ofNanos(ports.time().nanoTime() - acceptedAt);
    }

    private Message answer(MessageCommand command) {
        Message before = messages.answered(command);
        if (before != null) {
            return before;
        }
        if (closing) {
            throw RequestException.notFound();
        }
        RunnerLink link = links.input();
        if (!(state instanceof SessionState.Live) || link == null) {
            throw new RequestException(
                    RequestException.Status.FAILED_PRECONDITION,
                    "SESSION_NOT_LIVE",
                    "call " + id + " has no runner that takes messages yet; send it again when the call is live");
        }
        Message sent = messages.send(command, link);
        hear(new Spoke());
        return sent;
    }

    /** What the conversation produces, numbered and published in its order. */
    private final class Events implements Conversation.Output {
        @Override
        public void publish(EventType type, EventPayload payload) {
            Session.this.publish(type, payload);
        }

        @Override
        public void wakeAt(long nanos) {
            alarms.wakeConversationAt(
                    nanos,
                    () -> mailbox.put(
                            () -> read(() -> conversation.onTime(ports.time().nanoTime()))));
        }
    }
}
