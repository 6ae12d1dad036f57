package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.pipecatmanager.ports.fake.CountingSessionMeter;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.FakeToolExecutor;
import org.pipecatmanager.ports.fake.RecordingEventPublisher;
import org.pipecatmanager.ports.fake.RecordingFrameSink;
import org.pipecatmanager.ports.fake.RecordingSpans;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.memory.InMemoryPipecatcallStore;
import org.pipecatmanager.ports.memory.InMemoryRecordings;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.RecordingMode;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.testing.VirtualClock;

/** An engine between fakes, in virtual time and on the test's thread. */
final class Stage {
    static final SessionLimits LIMITS = SessionLimits.DEFAULTS.withRunnerRetries(0);

    final VirtualClock clock = new VirtualClock();
    final InlineThreads threads = new InlineThreads();
    final BreakableStore store = new BreakableStore(new InMemoryPipecatcallStore(100));
    final RecordingEventPublisher events = new RecordingEventPublisher();
    final FakeRunnerLauncher launcher = new FakeRunnerLauncher();
    final FakeToolExecutor tools = new FakeToolExecutor();
    final CountingSessionMeter meter = new CountingSessionMeter();
    final SequentialIds ids = new SequentialIds();
    final RecordingSpans spans = new RecordingSpans();
    final InMemoryRecordings recordings;
    final PipecatEngine engine;

    Stage() {
        this("reception", 3, 64);
    }

    Stage(String defaultAgent, int maxSessions, int mailboxCapacity) {
        this(defaultAgent, maxSessions, mailboxCapacity, LIMITS);
    }

    /** One whose lost runners are replaced in so many tries. */
    static Stage withRetries(int retries) {
        return new Stage("reception", 3, 64, LIMITS.withRunnerRetries(retries));
    }

    /** One whose agents are recorded, with room for so many bytes of sound. */
    static Stage recording(long bytes) {
        return new Stage("reception", 3, 64, LIMITS, RecordingMode.STEREO, bytes);
    }

    private Stage(String defaultAgent, int maxSessions, int mailboxCapacity, SessionLimits limits) {
        this(defaultAgent, maxSessions, mailboxCapacity, limits, RecordingMode.OFF, 0);
    }

    private Stage(
            String defaultAgent,
            int maxSessions,
            int mailboxCapacity,
            SessionLimits limits,
            RecordingMode recording,
            long recordingBytes) {
        recordings = new InMemoryRecordings(recordingBytes, clock);
        engine = PipecatEngine.builder()
                .agents(new StaticAgentCatalog(
                        List.of(
                                reception(limits).withRecording(recording),
                                Agent.of("chat", "assistant").withLimits(limits),
                                Agent.of("echo", "echo").withLimits(limits).withRecording(recording)),
                        defaultAgent))
                .publisher(events)
                .launcher(launcher)
                .tools(tools)
                .time(clock)
                .alarms(clock)
                .store(store)
                .recordings(recordings)
                .ids(ids)
                .meter(meter)
                .spans(spans)
                .threads(threads)
                .maxSessions(maxSessions)
                .mailboxCapacity(mailboxCapacity)
                .build();
    }

    /** The runner's listener of one socket, to say what it likes when it likes. */
    RunnerGate.Listener listener(PipecatcallId id) {
        var admission =
                engine.admit(id, LinkDirection.BOTH, launcher.awaitLaunch(id).token());
        if (admission instanceof RunnerGate.LinkAdmission.Admitted admitted) {
            return admitted.listener();
        }
        throw new AssertionError("the runner of " + id + " was refused: " + admission);
    }

    private static Agent reception(SessionLimits limits) {
        return new Agent(
                "reception",
                "assistant",
                Map.of("stt", Map.of("type", "whisper"), "tts", Map.of("type", "piper")),
                List.of(
                        new ToolDefinition("opening_hours", "", Map.of(), true, false, null),
                        new ToolDefinition("hang_up", "", Map.of(), true, true, null)),
                AudioPlan.DEFAULT,
                limits,
                null);
    }

    /** Registers a call of an agent. */
    PipecatcallId register(String agent) {
        PipecatcallId id = ids.nextCallId();
        Pipecatcall started = engine.start(StartCommand.ofAgent(id, agent));
        assertThat(started.status()).isEqualTo(PipecatcallStatus.STARTING);
        return id;
    }

    LegGate.LegAdmission knock(PipecatcallId id) {
        return engine.admit(id, new LegGate.Origin(new InetSocketAddress(0), ""));
    }

    /** Connects the caller. */
    Leg leg(PipecatcallId id) {
        if (knock(id) instanceof LegGate.LegAdmission.Admitted admitted) {
            return new Leg(admitted.media());
        }
        throw new AssertionError("the leg of " + id + " was refused");
    }

    /** Connects the runner with one socket. */
    FakeRunnerLink link(PipecatcallId id) {
        return link(id, LinkDirection.BOTH);
    }

    FakeRunnerLink link(PipecatcallId id, LinkDirection direction) {
        var admission = engine.admit(id, direction, launcher.awaitLaunch(id).token());
        if (admission instanceof RunnerGate.LinkAdmission.Admitted admitted) {
            FakeRunnerLink link = new FakeRunnerLink(direction);
            link.open(admitted.listener());
            return link;
        }
        throw new AssertionError("the runner of " + id + " was refused: " + admission);
    }

    void pass(Duration time) {
        clock.advance(time);
    }

    Pipecatcall record(PipecatcallId id) {
        return store.find(id).orElseThrow();
    }

    List<EventType> types(PipecatcallId id) {
        return events.types(id);
    }

    /** The call is over, once, for this reason, and nothing is left of it. */
    void assertEnded(PipecatcallId id, EndReason reason) {
        Pipecatcall record = record(id);
        assertThat(record.status()).isEqualTo(PipecatcallStatus.ENDED);
        assertThat(record.endReason()).isEqualTo(reason);
        assertThat(record.ended()).isNotNull();
        assertThat(types(id)).startsWith(EventType.PIPECATCALL_CREATED).endsWith(EventType.PIPECATCALL_TERMINATED);
        assertThat(types(id))
                .filteredOn(EventType.PIPECATCALL_TERMINATED::equals)
                .hasSize(1);
        assertThat(events.events(id).getLast().payload()).isEqualTo(record);
        assertThat(events.events(id))
                .extracting(CallEvent::sequence)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, events.events(id).size())
                                .boxed()
                                .toList());
        assertThat(launcher.stops()).contains(id);
        assertThat(engine.sessionCount()).isZero();
        assertThat(engine.liveSessions()).isEmpty();
        assertThat(meter.endReasons()).containsExactly(reason);
        assertThat(clock.pendingAlarms()).as("alarms left").isZero();
    }

    /** A caller's leg whose loop ticks when told to. */
    final class Leg {
        final LegMedia media;
        final RecordingFrameSink sink = new RecordingFrameSink(AudioFormat.SLIN_8K);
        private boolean closed;

        Leg(LegMedia media) {
            this.media = media;
        }

        /** One turn of the loop, 20 ms on. */
        void tick() {
            clock.advance(Duration.ofMillis(20));
            media.tick(clock.nanoTime(), sink);
            if (sink.ended()) {
                closes(LegEnd.CLOSED_BY_US);
            }
        }

        void closes(LegEnd how) {
            if (!closed) {
                closed = true;
                media.closed(how);
            }
        }

        boolean isClosed() {
            return closed;
        }
    }
}
