package org.pipecatmanager.domain.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.agent.AgentResolver;
import org.pipecatmanager.domain.audio.AudioBridge;
import org.pipecatmanager.domain.engine.Preparation.Prepared;
import org.pipecatmanager.domain.recording.Recorder;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.LevelFeed;
import org.pipecatmanager.ports.in.Ownership;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.CallReport;
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
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.OpenSpan;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.wire.StartWire;

/**
 * Runs calls: lets legs and runners in, starts and stops pipelines, writes records, publishes events.
 *
 * <p><b>Threads.</b> As each port says: {@link LegGate} and {@link RunnerGate} never block; {@link PipecatcallControl} blocks
 * on the store at most, and for a second on another daemon that has the session; tools run on the thread that calls.
 *
 * <p><b>End.</b> {@link #stopAccepting}, then {@link #drain}, then {@link #close}; each includes the ones before it. Nothing
 * else that is given to the builder is closed.
 */
public final class PipecatEngine
        implements PipecatcallControl, LegGate, LevelFeed, RunnerGate, ToolCallbacks, Ownership, AutoCloseable {
    /** How long {@link #close} waits for the ports: beyond every deadline of a session that ends. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final EnginePorts ports;
    private final AgentResolver agents;
    private final EngineSettings settings;
    private final OtherHosts others;
    private final Sessions sessions;
    private final ToolCalls toolCalls;

    PipecatEngine(EnginePorts ports, AgentResolver agents, @Nullable PeerHosts peers, EngineSettings settings) {
        this.ports = ports;
        this.agents = agents;
        this.settings = settings;
        this.others = new OtherHosts(settings.host().hostId(), ports.store(), peers);
        this.sessions = new Sessions(settings.maxSessions());
        this.toolCalls = new ToolCalls(sessions, ports);
    }

    /** A builder; what it cannot do without is named when it is missing. */
    public static PipecatEngineBuilder builder() {
        return new PipecatEngineBuilder();
    }

    // ---- control

    @Override
    public Pipecatcall start(StartCommand command) {
        RecordRules.check(command);
        boolean onPlatform = ports.platform() != null;
        if (onPlatform) {
            PlatformRules.check(command);
        }
        String hash = StartWire.hash(command);
        Session running = sessions.find(command.id());
        if (running != null) {
            return sameAgain(running, hash);
        }
        // On a platform the insert finds a past call, so that the first start, which is nearly every one, pays no
        // look-up.
        Optional<Pipecatcall> past = onPlatform ? Optional.empty() : pastCall(command.id(), hash);
        if (past.isPresent()) {
            return past.get();
        }
        Supplier<Session> made = onPlatform ? () -> session(command, hash, null, false) : agentsSession(command, hash);
        Sessions.Entry entry = sessions.add(command.id(), made);
        return switch (entry.outcome()) {
            case ADDED -> begin(session(entry), hash);
            case PRESENT -> sameAgain(session(entry), hash);
            case USED -> pastCall(command.id(), hash).orElseThrow(() -> alreadyExists(command.id()));
            case FULL ->
                pastCall(command.id(), hash)
                        .orElseThrow(() -> RequestException.unavailable(
                                "MAX_SESSIONS",
                                "this daemon carries " + settings.maxSessions() + " of " + settings.maxSessions()
                                        + " sessions; try another or later"));
            case STOPPING ->
                pastCall(command.id(), hash)
                        .orElseThrow(() -> RequestException.unavailable(
                                "STOPPING", "this daemon is stopping and takes no more calls; try another"));
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
        if (session != null) {
            return Answers.await(session.end(EndReason.REQUESTED));
        }
        Pipecatcall call = ports.store().find(id).orElseThrow(RequestException::notFound);
        return reach == Reach.EVERYWHERE ? others.stop(call) : call;
    }

    @Override
    public Message sendMessage(MessageCommand command, Reach reach) {
        if (command.text().isBlank()) {
            throw RequestException.invalid(
                    "MESSAGE_TEXT_EMPTY", "message_text is empty; give what the user is taken to have said");
        }
        Session session = sessions.find(command.pipecatcallId());
        if (session != null) {
            return Answers.await(session.send(command));
        }
        if (reach == Reach.HERE) {
            throw RequestException.notFound();
        }
        return others.sendMessage(command);
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
    public CallReport report(PipecatcallId id) {
        Pipecatcall known = get(id);
        return ports.history()
                .report(known.id())
                .orElseThrow(() -> new RequestException(
                        RequestException.Status.NOT_FOUND,
                        "NO_REPORT",
                        "nothing is kept of how call " + id
                                + " was: it lives, its daemon died, or TRANSCRIPT_RETENTION is over"));
    }

    @Override
    public Map<String, Object> providers() {
        try {
            return ports.launcher().providers();
        } catch (RunnerException e) {
            throw RequestException.unavailable("RUNNER_UNAVAILABLE", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Ping ping() {
        return new Ping(
                settings.host().hostId(), ports.time().now(), settings.host().instanceId());
    }

    @Override
    public void lost(PipecatcallId id) {
        Session session = sessions.find(id);
        if (session != null) {
            session.lost();
        }
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
        Optional<Agent> agent = origin.registeredOnly() ? Optional.empty() : agents.resolveCaller(origin.agent());
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
        // Asked first: a preparation that ends in between makes the refusal out of date, never a lie about a leg.
        boolean prepared = session.isPrepared();
        LegMedia media = session.claimLeg();
        if (media != null) {
            return new LegAdmission.Admitted(media);
        }
        return new LegAdmission.Refused(prepared ? LegGate.Refusal.ALREADY_USED : LegGate.Refusal.NOT_READY);
    }

    @Override
    public Watch watch(PipecatcallId id) {
        Session session = sessions.find(id);
        AudioBridge sound = session == null ? null : session.sound();
        if (sound == null) {
            throw new RequestException(
                    RequestException.Status.NOT_FOUND,
                    "CALL_NOT_LIVE",
                    "call " + id
                            + " is not live on this daemon, or is text only; its levels can be watched while it lasts,"
                            + " where it runs");
        }
        return new LevelWatch(sound, () -> sessions.find(id) != null, ports.time());
    }

    // ---- runners

    @Override
    public LinkAdmission admit(PipecatcallId id, LinkDirection direction, Secret token) {
        Session session = sessions.find(id);
        if (session == null) {
            return new LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION);
        }
        return session.runner().admit(direction, token);
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

    /** Ends all calls as {@code shutdown} and waits for their ends, for 30 s at most, and for recordings, 5 s. Idempotent. */
    @Override
    public void close() {
        try {
            drain(Duration.ZERO).get(CLOSE_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            sessions.all().forEach(left -> Defects.note(left.id(), "still not ended " + CLOSE_LIMIT + " after close"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Recorder recorder = ports.recorder();
        if (recorder != null) {
            recorder.close();
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
        SessionPlan plan = AgentResolver.planOf(command, agent).withLeg();
        return session(command, StartWire.hash(command), Prepared.of(agent, plan), true);
    }

    /** The session of the agent that answers; without one there is nothing to make. */
    private Supplier<Session> agentsSession(StartCommand command, String hash) {
        Agent agent = agents.resolve(command);
        Prepared known = Prepared.of(agent, AgentResolver.planOf(command, agent));
        return () -> session(command.withAgent(agent.name()), hash, known, false);
    }

    private Session session(StartCommand command, String hash, @Nullable Prepared known, boolean withLeg) {
        Pipecatcall accepted = Pipecatcall.accepted(
                command, settings.host().hostId(), ports.time().now());
        return new Session(
                accepted, traceOf(accepted, command.trace()), hash, known, withLeg, settings, ports, sessions::remove);
    }

    /** A call is a span in the trace of whoever started it, or a trace of its own. */
    private CallTrace traceOf(Pipecatcall accepted, @Nullable TraceContext asker) {
        TraceContext own = asker == null ? begun(TraceContext.random(ports.ids())) : asker.newSpan(ports.ids());
        OpenSpan call = OpenSpan.ofCall(accepted.id(), own, asker, ports.spans(), ports.ids(), ports.time());
        return new CallTrace(call, accepted, ports.time());
    }

    private TraceContext begun(TraceContext trace) {
        return ports.spans().samples(trace) ? trace : trace.unsampled();
    }

    private static Session session(Sessions.Entry entry) {
        Session session = entry.session();
        if (session == null) {
            throw new IllegalStateException("the outcome " + entry.outcome() + " comes with a session");
        }
        return session;
    }
}
