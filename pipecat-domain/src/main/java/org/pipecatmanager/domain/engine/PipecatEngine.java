package org.pipecatmanager.domain.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.agent.AgentResolver;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.StartWire;

/**
 * Runs calls: lets legs and runners in, starts and stops pipelines, writes records, publishes events.
 *
 * <p><b>Threads.</b> As each port says: {@link LegGate} and {@link RunnerGate} never block; {@link PipecatcallControl} blocks
 * on the store at most; tools run on the thread that calls.
 *
 * <p><b>End.</b> {@link #stopAccepting}, then {@link #drain}, then {@link #close}; each includes the ones before it. Nothing
 * else that is given to the builder is closed.
 */
public final class PipecatEngine implements PipecatcallControl, LegGate, RunnerGate, ToolCallbacks, AutoCloseable {
    /** How long {@link #close} waits for the ports: beyond every deadline of a session that ends. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final EnginePorts ports;
    private final AgentResolver agents;
    private final String hostId;
    private final int maxSessions;
    private final int mailboxCapacity;
    private final int runnerRetries;
    private final Sessions sessions;
    private final ToolCalls toolCalls;

    PipecatEngine(
            EnginePorts ports,
            AgentResolver agents,
            String hostId,
            int maxSessions,
            int mailboxCapacity,
            int runnerRetries) {
        this.ports = ports;
        this.agents = agents;
        this.hostId = hostId;
        this.maxSessions = maxSessions;
        this.mailboxCapacity = mailboxCapacity;
        this.runnerRetries = runnerRetries;
        this.sessions = new Sessions(maxSessions);
        this.toolCalls = new ToolCalls(sessions, ports);
    }

    /** A builder; what it cannot do without is named when it is missing. */
    public static PipecatEngineBuilder builder() {
        return new PipecatEngineBuilder();
    }

    // ---- control

    @Override
    public Pipecatcall start(StartCommand command) {
        String hash = StartWire.hash(command);
        Session running = sessions.find(command.id());
        if (running != null) {
            return sameAgain(running, hash);
        }
        Optional<Pipecatcall> past = pastCall(command.id(), hash);
        if (past.isPresent()) {
            return past.get();
        }
        Agent agent = agents.resolve(command);
        SessionPlan plan = AgentResolver.planOf(command, agent, runnerRetries);
        Sessions.Entry entry =
                sessions.add(command.id(), () -> session(named(command, agent), hash, agent, plan, false));
        return switch (entry.outcome()) {
            case ADDED -> begin(session(entry), hash);
            case PRESENT -> sameAgain(session(entry), hash);
            case USED -> throw alreadyExists(command.id());
            case FULL ->
                throw RequestException.unavailable(
                        "MAX_SESSIONS",
                        "this daemon carries " + maxSessions + " of " + maxSessions
                                + " sessions; try another or later");
            case STOPPING ->
                throw RequestException.unavailable(
                        "STOPPING", "this daemon is stopping and takes no more calls; try another");
        };
    }

    @Override
    public Pipecatcall get(PipecatcallId id) {
        Session session = sessions.find(id);
        return session != null ? session.call() : ports.store().find(id).orElseThrow(RequestException::notFound);
    }

    @Override
    public Page<Pipecatcall> list(ListQuery query) {
        return ports.store().list(query);
    }

    @Override
    public Pipecatcall stop(PipecatcallId id, Reach reach) {
        Session session = sessions.find(id);
        return session != null
                ? Answers.await(session.end(EndReason.REQUESTED))
                : ports.store().find(id).orElseThrow(RequestException::notFound);
    }

    @Override
    public Message sendMessage(MessageCommand command, Reach reach) {
        if (command.text().isBlank()) {
            throw RequestException.invalid(
                    "MESSAGE_TEXT_EMPTY", "message_text is empty; give what the user is taken to have said");
        }
        Session session = sessions.find(command.pipecatcallId());
        if (session == null) {
            throw RequestException.notFound();
        }
        return Answers.await(session.send(command));
    }

    @Override
    public List<SpokenMessage> messages(PipecatcallId id) {
        Pipecatcall known = get(id);
        return ports.history().messages(known.id());
    }

    @Override
    public List<Turn> turns(PipecatcallId id) {
        Pipecatcall known = get(id);
        return ports.history().turns(known.id());
    }

    @Override
    public Ping ping() {
        return new Ping(hostId, ports.time().now(), "");
    }

    // ---- legs

    @Override
    public LegAdmission admit(PipecatcallId id, Origin origin) {
        LegAdmission answer = decide(id, origin);
        if (answer instanceof LegAdmission.Refused refused) {
            ports.meter().legRefused(refused.reason());
        }
        return answer;
    }

    private LegAdmission decide(PipecatcallId id, Origin origin) {
        Session registered = sessions.find(id);
        if (registered != null) {
            return claim(registered);
        }
        if (sessions.isUsed(id)) {
            return new LegAdmission.Refused(LegGate.Refusal.ALREADY_USED);
        }
        Optional<Agent> agent = agents.resolveCaller(origin.agent());
        if (agent.isEmpty()) {
            return new LegAdmission.Refused(LegGate.Refusal.UNKNOWN_ID);
        }
        Sessions.Entry entry = sessions.add(id, () -> callersSession(id, agent.get()));
        return switch (entry.outcome()) {
            case ADDED -> {
                Session session = session(entry);
                session.open();
                yield new LegAdmission.Admitted(session.media());
            }
            case PRESENT -> claim(session(entry));
            case USED -> new LegAdmission.Refused(LegGate.Refusal.ALREADY_USED);
            case FULL -> new LegAdmission.Refused(LegGate.Refusal.FULL);
            case STOPPING -> new LegAdmission.Refused(LegGate.Refusal.STOPPING);
        };
    }

    private static LegAdmission claim(Session session) {
        LegMedia media = session.claimLeg();
        return media == null
                ? new LegAdmission.Refused(LegGate.Refusal.ALREADY_USED)
                : new LegAdmission.Admitted(media);
    }

    // ---- runners

    @Override
    public LinkAdmission admit(PipecatcallId id, LinkDirection direction, Secret token) {
        Session session = sessions.find(id);
        if (session == null) {
            return new LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION);
        }
        if (!session.token().matches(token.reveal())) {
            return new LinkAdmission.Refused(RunnerGate.Refusal.UNAUTHORIZED);
        }
        if (session.isClosing()) {
            return new LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION);
        }
        return session.claimLink(direction)
                ? new LinkAdmission.Admitted(new LinkListener(session, direction))
                : new LinkAdmission.Refused(RunnerGate.Refusal.TAKEN);
    }

    @Override
    public ToolResult toolCalled(PipecatcallId id, Secret token, ToolCall call) {
        return toolCalls.toolCalled(id, token, call);
    }

    @Override
    public void memberSwitched(PipecatcallId id, Secret token, String transitionFunctionName, Member from, Member to) {
        toolCalls.memberSwitched(id, token, transitionFunctionName, from, to);
    }

    // ---- life of the engine

    /** How many sessions there are, those that end included. */
    public int sessionCount() {
        return sessions.count();
    }

    /** The records of the sessions there are. */
    public List<Pipecatcall> liveSessions() {
        return sessions.all().stream().map(Session::call).toList();
    }

    /** Takes no more calls in; those there are go on, and their legs and runners are let in. Idempotent. */
    public void stopAccepting() {
        CompletableFuture<@Nullable Void> unused = sessions.stop();
    }

    /**
     * Takes no more calls in, lets those there are end by themselves, and ends the rest as {@code shutdown}.
     *
     * @param patience how long calls may go on; zero ends them at once
     * @return completes when no session is left; never blocks, and cancelling it changes nothing
     */
    public CompletableFuture<@Nullable Void> drain(Duration patience) {
        CompletableFuture<@Nullable Void> drained = sessions.stop();
        if (patience.isZero() || patience.isNegative()) {
            endAll();
        } else if (!drained.isDone()) {
            Alarms.Alarm outOfPatience = ports.alarms().after(patience, this::endAll);
            return drained.whenComplete((nothing, failure) -> outOfPatience.cancel());
        }
        return drained.copy();
    }

    /** Ends all calls as {@code shutdown} and waits for their ends, for 30 s at most. Idempotent. */
    @Override
    public void close() {
        try {
            drain(Duration.ZERO).get(CLOSE_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            sessions.all().forEach(left -> Defects.note(left.id(), "still not ended " + CLOSE_LIMIT + " after close"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void endAll() {
        for (Session session : sessions.all()) {
            session.shutDown();
        }
    }

    // ---- sessions

    private Pipecatcall begin(Session session, String hash) {
        session.open();
        if (Answers.await(session.recorded())) {
            return session.call();
        }
        return pastCall(session.id(), hash).orElseThrow(() -> alreadyExists(session.id()));
    }

    private Pipecatcall sameAgain(Session session, String hash) {
        if (!session.requestHash().equals(hash)) {
            throw alreadyExists(session.id());
        }
        boolean unused = Answers.await(session.recorded());
        return session.call();
    }

    private Optional<Pipecatcall> pastCall(PipecatcallId id, String hash) {
        Optional<Pipecatcall> past = ports.store().find(id);
        if (past.isPresent() && !ports.store().requestHash(id).equals(Optional.of(hash))) {
            throw alreadyExists(id);
        }
        return past;
    }

    private static RequestException alreadyExists(PipecatcallId id) {
        return new RequestException(
                RequestException.Status.ALREADY_EXISTS,
                "PIPECATCALL_ALREADY_EXISTS",
                "call " + id + " was started with another request; use a new id");
    }

    private Session callersSession(PipecatcallId id, Agent agent) {
        StartCommand command = StartCommand.ofAgent(id, agent.name());
        SessionPlan plan = AgentResolver.planOf(command, agent, runnerRetries).withLeg();
        return session(command, StartWire.hash(command), agent, plan, true);
    }

    private Session session(StartCommand command, String hash, Agent agent, SessionPlan plan, boolean withLeg) {
        Pipecatcall accepted =
                Pipecatcall.accepted(command, hostId, ports.time().now());
        return new Session(accepted, hash, agent, plan, withLeg, mailboxCapacity, ports, sessions::remove);
    }

    private static Session session(Sessions.Entry entry) {
        Session session = entry.session();
        if (session == null) {
            throw new IllegalStateException("the outcome " + entry.outcome() + " comes with a session");
        }
        return session;
    }

    /** The request with the name of the agent that answers it. */
    private static StartCommand named(StartCommand command, Agent agent) {
        return new StartCommand(
                command.id(),
                command.customerId(),
                command.activeflowId(),
                command.referenceType(),
                command.referenceId(),
                command.llmType(),
                command.llmMessages(),
                command.sttType(),
                command.sttLanguage(),
                command.ttsType(),
                command.ttsLanguage(),
                command.ttsVoiceId(),
                agent.name());
    }
}
