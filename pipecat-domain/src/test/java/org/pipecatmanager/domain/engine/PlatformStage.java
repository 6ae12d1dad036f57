package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.domain.engine.Preparation.Prepared;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.fake.CountingSessionMeter;
import org.pipecatmanager.ports.fake.FakeCallManager;
import org.pipecatmanager.ports.fake.FakePeers;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.RecordingEventPublisher;
import org.pipecatmanager.ports.fake.RecordingFrameSink;
import org.pipecatmanager.ports.fake.RecordingSpans;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.memory.InMemoryCallHistory;
import org.pipecatmanager.ports.memory.InMemoryPipecatcallStore;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.CallReport;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.CallHistory;
import org.pipecatmanager.ports.out.EventPublisher;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.PipecatcallCache;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.VirtualClock;

/** An engine on a platform of fakes, in virtual time and on the test's thread. */
final class PlatformStage {
    static final SessionLimits LIMITS = SessionLimits.DEFAULTS.withRunnerRetries(0);
    static final UUID REFERENCE = SequentialIds.id(4711);
    static final HostInstance HOST = new HostInstance("10.0.0.1", "instance-1");
    static final ToolDefinition TOOL = new ToolDefinition("connect_call", "", Map.of(), true, false, null);

    final VirtualClock clock = new VirtualClock();
    final InlineThreads threads = new InlineThreads();
    final BreakableStore store = new BreakableStore(new InMemoryPipecatcallStore(100));
    final RecordingEventPublisher events = new RecordingEventPublisher();
    final InMemoryCallHistory history = new InMemoryCallHistory(100);
    final FakeRunnerLauncher launcher = new FakeRunnerLauncher();
    final FakeCallManager calls = new FakeCallManager();
    final FakePeers peers = new FakePeers();
    final MapCache cache = new MapCache();
    final CountingSessionMeter meter = new CountingSessionMeter();
    final SequentialIds ids = new SequentialIds();
    final RecordingSpans spans = new RecordingSpans();
    final PipecatEngine engine;
    /** What every lookup ends with; null for success. */
    @Nullable
    RuntimeException lookupFailure;
    /** The journal takes nothing any more. */
    boolean journalFull;

    PlatformStage() {
        engine = PipecatEngine.builder()
                .platform(this::prepare, calls, new ExternalMediaPlan(() -> "10.0.0.1:9092", "slin16"))
                .peers(peers)
                .cache(cache)
                .history(new Journal())
                .publisher(new Journal())
                .launcher(launcher)
                .time(clock)
                .alarms(clock)
                .store(store)
                .ids(ids)
                .meter(meter)
                .spans(spans)
                .threads(threads)
                .instance(HOST)
                .limits(LIMITS)
                .maxSessions(5)
                .mailboxCapacity(64)
                .build();
    }

    private Prepared prepare(Pipecatcall call) {
        if (lookupFailure != null) {
            throw lookupFailure;
        }
        boolean voice = call.referenceType() == ReferenceType.CALL;
        return new Prepared(
                new SessionPlan(voice, voice, LIMITS),
                null,
                Assistance.ofKey(Secret.of("key")),
                List.of(TOOL),
                AudioPlan.DEFAULT,
                voice ? call.referenceId() : null);
    }

    static ManagerException unreachable() {
        return new ManagerException(ManagerException.Kind.UNREACHABLE, "ai-manager does not answer", null);
    }

    /** A start of a voice call. */
    static StartCommand voice(PipecatcallId id) {
        return start(id, ReferenceType.CALL, REFERENCE, "openai.gpt-5", "");
    }

    /** A start of a conversation in writing. */
    static StartCommand text(PipecatcallId id) {
        return start(id, ReferenceType.AI_CALL, REFERENCE, "", "");
    }

    static StartCommand start(PipecatcallId id, ReferenceType type, UUID reference, String llmType, String agent) {
        UUID somebody = SequentialIds.id(1);
        return new StartCommand(id, somebody, somebody, type, reference, llmType, List.of(), "", "", "", "", "", agent);
    }

    PipecatcallId started(boolean voice) {
        PipecatcallId id = ids.nextCallId();
        Pipecatcall answer = engine.start(voice ? voice(id) : text(id));
        assertThat(answer.status()).isEqualTo(PipecatcallStatus.STARTING);
        assertThat(answer.hostId()).isEqualTo(HOST.hostId());
        return id;
    }

    LegMedia leg(PipecatcallId id) {
        if (engine.admit(id, new LegGate.Origin(new InetSocketAddress(0), ""))
                instanceof LegGate.LegAdmission.Admitted admitted) {
            return admitted.media();
        }
        throw new AssertionError("the leg of " + id + " was refused");
    }

    /** The loop's next turn: a leg that is to end does. */
    void tick(LegMedia leg) {
        RecordingFrameSink sink = new RecordingFrameSink(AudioFormat.SLIN_8K);
        clock.advance(Duration.ofMillis(20));
        leg.tick(clock.nanoTime(), sink);
        if (sink.ended()) {
            leg.closed(LegEnd.CLOSED_BY_US);
        }
    }

    FakeRunnerLink link(PipecatcallId id) {
        var admission =
                engine.admit(id, LinkDirection.BOTH, launcher.awaitLaunch(id).token());
        if (admission instanceof RunnerGate.LinkAdmission.Admitted admitted) {
            FakeRunnerLink link = new FakeRunnerLink(LinkDirection.BOTH);
            link.open(admitted.listener());
            return link;
        }
        throw new AssertionError("the runner of " + id + " was refused: " + admission);
    }

    Pipecatcall record(PipecatcallId id) {
        return store.find(id).orElseThrow();
    }

    List<EventType> types(PipecatcallId id) {
        return events.types(id);
    }

    /** The call is over, once, for this reason; its external media was taken down if it was asked for; nothing is left. */
    void assertEnded(PipecatcallId id, EndReason reason) {
        Pipecatcall record = record(id);
        assertThat(record.endReason()).isEqualTo(reason);
        assertThat(record.status()).isEqualTo(PipecatcallStatus.ENDED);
        assertThat(record.ended()).isNotNull();
        assertThat(cache.get(id)).contains(record);
        assertThat(types(id)).startsWith(EventType.PIPECATCALL_CREATED).endsWith(EventType.PIPECATCALL_TERMINATED);
        assertThat(types(id))
                .filteredOn(EventType.PIPECATCALL_TERMINATED::equals)
                .hasSize(1);
        assertThat(calls.stopped()).hasSameSizeAs(calls.started());
        assertThat(launcher.stops()).hasSameSizeAs(launcher.launches());
        assertNothingIsLeft(reason);
    }

    void assertNothingIsLeft(EndReason reason) {
        assertThat(engine.sessionCount()).isZero();
        assertThat(meter.endReasons()).containsExactly(reason);
        assertThat(clock.pendingAlarms()).as("alarms left").isZero();
    }

    /** Everything goes through one journal, which can be full. */
    private final class Journal implements EventPublisher, CallHistory {
        private void fail() {
            if (journalFull) {
                throw new StoreException("the test's journal is full", null);
            }
        }

        @Override
        public void publish(CallEvent event) {
            fail();
            events.publish(event);
        }

        @Override
        public void said(SpokenMessage message) {
            fail();
            history.said(message);
        }

        @Override
        public void turn(Turn turn) {
            fail();
            history.turn(turn);
        }

        @Override
        public List<SpokenMessage> messages(PipecatcallId id) {
            return history.messages(id);
        }

        @Override
        public void report(CallReport report) {
            history.report(report);
        }

        @Override
        public Optional<CallReport> report(PipecatcallId id) {
            return history.report(id);
        }

        @Override
        public List<Turn> turns(PipecatcallId id) {
            return history.turns(id);
        }
    }

    /** A cache in memory. */
    static final class MapCache implements PipecatcallCache {
        private final Map<PipecatcallId, Pipecatcall> records = new ConcurrentHashMap<>();

        @Override
        public Optional<Pipecatcall> get(PipecatcallId id) {
            return Optional.ofNullable(records.get(id));
        }

        @Override
        public void put(Pipecatcall call) {
            records.merge(call.id(), call, (old, value) -> old.status() == PipecatcallStatus.ENDED ? old : value);
        }
    }
}
