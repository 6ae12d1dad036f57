package org.pipecatmanager.domain.engine;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.agent.AgentResolver;
import org.pipecatmanager.domain.recording.Recorder;
import org.pipecatmanager.domain.recording.RecorderPorts;
import org.pipecatmanager.ports.memory.InMemoryCallHistory;
import org.pipecatmanager.ports.memory.InMemoryPipecatcallStore;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.CallHistory;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.IdSource;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.out.PipecatcallStore;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.RunnerLauncher;
import org.pipecatmanager.ports.out.SessionMeter;
import org.pipecatmanager.ports.out.Spans;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.out.ToolExecutor;

/**
 * Puts a {@link PipecatEngine} together. Agents or a platform, events, runner, clock and alarms must be given; everything
 * else has a default. One thread at a time; nothing runs before {@link #build}, and after it nothing until somebody calls.
 */
public final class PipecatEngineBuilder {
    /** Sessions at a time unless told otherwise. */
    public static final int DEFAULT_MAX_SESSIONS = 400;
    /** Letters a mailbox holds: seconds of a model's tokens while the store or the broker does not answer. */
    public static final int DEFAULT_MAILBOX_CAPACITY = 1024;
    /** Records kept where no store is given. */
    public static final int DEFAULT_RECORDS = 10_000;

    private @Nullable AgentCatalog agents;
    private @Nullable EventPublisher publisher;
    private @Nullable RunnerLauncher launcher;
    private @Nullable TimeSource time;
    private @Nullable Alarms alarms;
    private @Nullable PipecatcallStore store;
    private @Nullable CallHistory history;
    private @Nullable PipecatcallCache cache;
    private @Nullable PeerHosts peers;
    private @Nullable Platform platform;
    private @Nullable Recordings recordings;
    private IdSource ids = new RandomIds();
    private ToolExecutor tools =
            (call, tool, toolCall) -> ToolResult.failure(toolCall.id(), "tools are not available here");
    private SessionMeter meter = SessionMeter.NONE;
    private Spans spans = Spans.NONE;
    private Threads threads = Threads.VIRTUAL;
    private HostInstance host = new HostInstance("local", "");
    private SessionLimits limits = SessionLimits.DEFAULTS;
    private boolean dtmfAsInput = true;
    private int maxSessions = DEFAULT_MAX_SESSIONS;
    private int mailboxCapacity = DEFAULT_MAILBOX_CAPACITY;

    PipecatEngineBuilder() {}

    /** Who answers calls; not needed with a platform. */
    public PipecatEngineBuilder agents(AgentCatalog value) {
        agents = value;
        return this;
    }

    /**
     * Platform mode: what a call needs is looked up, and Asterisk is asked to connect its media. No caller's leg is let in that
     * nobody asked for, no start may name an agent, and a caller's keys are only counted, because they arrive as messages.
     */
    public PipecatEngineBuilder platform(Preparation preparation, CallManager calls, ExternalMediaPlan media) {
        platform = new Platform(preparation, calls, media);
        dtmfAsInput = false;
        return this;
    }

    /** The other daemons; by default there are none, and what is asked of their sessions is answered from the record. */
    public PipecatEngineBuilder peers(PeerHosts value) {
        peers = value;
        return this;
    }

    /** Spares the store reads of records; none by default. */
    public PipecatEngineBuilder cache(PipecatcallCache value) {
        cache = value;
        return this;
    }

    /** Who is told what happens. */
    public PipecatEngineBuilder publisher(EventPublisher value) {
        publisher = value;
        return this;
    }

    /** Who starts pipelines. */
    public PipecatEngineBuilder launcher(RunnerLauncher value) {
        launcher = value;
        return this;
    }

    /** The clocks. */
    public PipecatEngineBuilder time(TimeSource value) {
        time = value;
        return this;
    }

    /** What deadlines are set with, on the same clock. */
    public PipecatEngineBuilder alarms(Alarms value) {
        alarms = value;
        return this;
    }

    /** Where records are kept; by default the latest {@value #DEFAULT_RECORDS} in memory. */
    public PipecatEngineBuilder store(PipecatcallStore value) {
        store = value;
        return this;
    }

    /** Where is kept what was said, and how long turns took; by default of the latest {@value #DEFAULT_RECORDS} calls in memory. */
    public PipecatEngineBuilder history(CallHistory value) {
        history = value;
        return this;
    }

    /** Where the sound of calls is kept whose agent says so; by default, and with null, none is. */
    public PipecatEngineBuilder recordings(@Nullable Recordings value) {
        recordings = value;
        return this;
    }

    /** Where ids and tokens come from; random by default. */
    public PipecatEngineBuilder ids(IdSource value) {
        ids = value;
        return this;
    }

    /** Who carries tools out; by default every call of one fails. */
    public PipecatEngineBuilder tools(ToolExecutor value) {
        tools = value;
        return this;
    }

    /** Who counts; nobody by default. */
    public PipecatEngineBuilder meter(SessionMeter value) {
        meter = value;
        return this;
    }

    /** Who takes the spans of calls; nobody by default, and then none is made. */
    public PipecatEngineBuilder spans(Spans value) {
        spans = value;
        return this;
    }

    /** Where mailboxes and the starting and stopping of pipelines run; virtual threads by default. */
    public PipecatEngineBuilder threads(Threads value) {
        threads = value;
        return this;
    }

    /** What this daemon is called in records and pings; {@code local} by default. */
    public PipecatEngineBuilder hostId(String value) {
        host = new HostInstance(value, host.instanceId());
        return this;
    }

    /** The same, and which run of it this is, which pings say, too. */
    public PipecatEngineBuilder instance(HostInstance value) {
        host = value;
        return this;
    }

    /** Deadlines of a platform's session until its preparation brings its own; the usual ones by default. */
    public PipecatEngineBuilder limits(SessionLimits value) {
        limits = value;
        return this;
    }

    /** Whether the caller's keys go to the runner and into events, rather than only being counted; so unless on a platform. */
    public PipecatEngineBuilder dtmfAsInput(boolean value) {
        dtmfAsInput = value;
        return this;
    }

    /** Sessions at a time, 1 or more. */
    public PipecatEngineBuilder maxSessions(int value) {
        maxSessions = positive("max sessions", value);
        return this;
    }

    /** Letters a session's mailbox holds before the session ends as overloaded, 1 or more. */
    public PipecatEngineBuilder mailboxCapacity(int value) {
        mailboxCapacity = positive("mailbox capacity", value);
        return this;
    }

    /**
     * The engine.
     *
     * @throws NullPointerException naming what is missing
     */
    public PipecatEngine build() {
        PipecatcallStore records = store == null ? new InMemoryPipecatcallStore(DEFAULT_RECORDS) : store;
        EnginePorts ports = new EnginePorts(
                cache == null ? records : new CachedStore(records, cache),
                history == null ? new InMemoryCallHistory(DEFAULT_RECORDS) : history,
                Objects.requireNonNull(publisher, "publisher is missing; give one, for instance InMemoryEvents"),
                Objects.requireNonNull(
                        launcher, "launcher is missing; give one, for instance the runner's HTTP client"),
                tools,
                ids,
                Objects.requireNonNull(time, "time is missing; give one, for instance SystemTime"),
                Objects.requireNonNull(alarms, "alarms are missing; give them, for instance SystemTime"),
                meter,
                spans,
                threads,
                platform,
                recorder());
        EngineSettings settings = new EngineSettings(host, maxSessions, mailboxCapacity, dtmfAsInput, limits);
        return new PipecatEngine(ports, new AgentResolver(catalog()), peers, settings);
    }

    private @Nullable Recorder recorder() {
        return recordings == null
                ? null
                : new Recorder(new RecorderPorts(
                        recordings,
                        Objects.requireNonNull(time),
                        Objects.requireNonNull(alarms),
                        threads::start,
                        meter));
    }

    private AgentCatalog catalog() {
        return platform != null
                ? new StaticAgentCatalog(List.of(), "")
                : Objects.requireNonNull(
                        agents, "agents are missing; give them, for instance StaticAgentCatalog, or a platform");
    }

    private static int positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; use 1 or more");
        }
        return value;
    }
}
