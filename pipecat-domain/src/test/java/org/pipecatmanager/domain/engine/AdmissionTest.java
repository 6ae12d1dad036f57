package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLauncher;
import org.pipecatmanager.ports.fake.RecordingEventPublisher;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegGate.LegAdmission;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.RunnerGate.LinkAdmission;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.StoreException;
import org.pipecatmanager.ports.testing.VirtualClock;

/** Who is let in: starts, legs and links. */
class AdmissionTest {
    private final Stage stage = new Stage();

    private static LegAdmission refused(LegGate.Refusal reason) {
        return new LegAdmission.Refused(reason);
    }

    @Test
    void a_caller_nobody_registered_goes_to_the_default_agent() {
        PipecatcallId id = stage.ids.nextCallId();
        stage.leg(id);

        assertThat(stage.record(id).agent()).isEqualTo("reception");
        assertThat(stage.launcher.launches())
                .singleElement()
                .satisfies(launch -> assertThat(launch.call().id()).isEqualTo(id));
    }

    @Test
    void a_caller_at_an_agents_own_port_goes_to_that_agent() {
        PipecatcallId id = stage.ids.nextCallId();
        stage.engine.admit(id, new LegGate.Origin(new InetSocketAddress(0), "echo"));

        assertThat(stage.record(id).agent()).isEqualTo("echo");
    }

    @Test
    void a_caller_who_was_sent_with_a_registered_id_is_no_call_for_the_default_agent() {
        LegGate.Origin origin = LegGate.Origin.registered(new InetSocketAddress(0));
        PipecatcallId id = stage.ids.nextCallId();
        assertThat(stage.engine.admit(id, origin)).isEqualTo(refused(LegGate.Refusal.UNKNOWN_ID));

        assertThat(stage.engine.admit(stage.register("echo"), origin)).isInstanceOf(LegAdmission.Admitted.class);
    }

    @Test
    void a_leg_that_the_session_ends_is_told_why() {
        PipecatcallId id = stage.register("echo");
        Stage.Leg leg = stage.leg(id);
        assertThat(leg.media.endReason()).isEmpty();
        stage.engine.stop(id);
        leg.tick();
        assertThat(leg.isClosed()).isTrue();
        assertThat(leg.media.endReason()).contains(EndReason.REQUESTED);
    }

    @Test
    void without_a_default_agent_an_unknown_caller_is_refused() {
        Stage strict = new Stage("", 3, 64);

        assertThat(strict.knock(strict.ids.nextCallId())).isEqualTo(refused(LegGate.Refusal.UNKNOWN_ID));
        assertThat(strict.meter.refusals()).containsExactly(LegGate.Refusal.UNKNOWN_ID);
    }

    @Test
    void a_second_leg_is_refused_during_the_call_and_after_it() {
        PipecatcallId id = stage.ids.nextCallId();
        Stage.Leg leg = stage.leg(id);
        assertThat(stage.knock(id)).isEqualTo(refused(LegGate.Refusal.ALREADY_USED));
        leg.closes(LegEnd.HUNG_UP);

        assertThat(stage.engine.sessionCount()).isZero();
        assertThat(stage.knock(id)).isEqualTo(refused(LegGate.Refusal.ALREADY_USED));
    }

    @Test
    void a_leg_whose_id_only_the_store_remembers_is_ended_without_a_trace() {
        PipecatcallId id = stage.ids.nextCallId();
        Pipecatcall old = Pipecatcall.accepted(StartCommand.ofAgent(id, "echo"), "local", stage.clock.now());
        stage.store.insert(old, "hash of long ago");
        Stage.Leg leg = stage.leg(id);
        leg.tick();

        assertThat(leg.sink.ended()).isTrue();
        assertThat(stage.record(id)).isEqualTo(old);
        assertThat(stage.events.events(id)).isEmpty();
        assertThat(stage.meter.refusals()).containsExactly(LegGate.Refusal.ALREADY_USED);
        assertThat(stage.engine.sessionCount()).isZero();
    }

    @Test
    void a_full_engine_refuses_and_takes_in_again_when_a_call_is_over() {
        Stage.Leg first = stage.leg(stage.ids.nextCallId());
        stage.register("echo");
        stage.register("chat");
        assertThat(stage.knock(stage.ids.nextCallId())).isEqualTo(refused(LegGate.Refusal.FULL));
        StartCommand one = StartCommand.ofAgent(stage.ids.nextCallId(), "chat");
        assertThatThrownBy(() -> stage.engine.start(one))
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status().code()).isEqualTo(503));

        first.closes(LegEnd.HUNG_UP);
        assertThat(stage.engine.start(one).status()).isEqualTo(PipecatcallStatus.STARTING);
    }

    @Test
    void the_same_start_is_answered_again_and_another_body_is_a_conflict() {
        StartCommand command = StartCommand.ofAgent(stage.ids.nextCallId(), "reception");
        Pipecatcall first = stage.engine.start(command);

        assertThat(stage.engine.start(command)).isEqualTo(first);
        assertThat(stage.launcher.launches()).hasSize(1);
        assertThatThrownBy(() -> stage.engine.start(StartCommand.ofAgent(command.id(), "echo")))
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status()).isEqualTo(RequestException.Status.ALREADY_EXISTS));
    }

    @Test
    void an_unknown_agent_is_refused_with_the_names_there_are() {
        assertThatThrownBy(() -> stage.engine.start(StartCommand.ofAgent(stage.ids.nextCallId(), "nobody")))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("'nobody'")
                .hasMessageContaining("chat, echo, reception");
    }

    @Test
    void a_start_that_cannot_be_written_fails_and_can_be_tried_again() {
        StartCommand command = StartCommand.ofAgent(stage.ids.nextCallId(), "reception");
        stage.store.breakWrites();
        assertThatThrownBy(() -> stage.engine.start(command)).isInstanceOf(StoreException.class);
        assertThat(stage.engine.sessionCount()).isZero();

        stage.store.repair();
        assertThat(stage.engine.start(command).status()).isEqualTo(PipecatcallStatus.STARTING);
    }

    @Test
    void a_link_needs_the_token_a_session_and_a_free_direction() {
        PipecatcallId id = stage.register("reception");
        Secret token = stage.launcher.awaitLaunch(id).token();

        assertThat(stage.engine.admit(stage.ids.nextCallId(), LinkDirection.BOTH, token))
                .isEqualTo(new LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION));
        assertThat(stage.engine.admit(id, LinkDirection.BOTH, Secret.of("guess")))
                .isEqualTo(new LinkAdmission.Refused(RunnerGate.Refusal.UNAUTHORIZED));
        stage.link(id, LinkDirection.INPUT);
        assertThat(stage.engine.admit(id, LinkDirection.BOTH, token))
                .isEqualTo(new LinkAdmission.Refused(RunnerGate.Refusal.TAKEN));
        stage.link(id, LinkDirection.OUTPUT);
        stage.engine.stop(id);
        assertThat(stage.engine.admit(id, LinkDirection.BOTH, token))
                .isEqualTo(new LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION));
    }

    @Test
    void initialized_is_announced_once_and_only_with_both_sockets() {
        PipecatcallId id = stage.register("reception");
        stage.leg(id);
        stage.link(id, LinkDirection.OUTPUT);
        assertThat(stage.types(id)).doesNotContain(EventType.PIPECATCALL_INITIALIZED);

        stage.link(id, LinkDirection.INPUT);
        assertThat(stage.types(id))
                .filteredOn(EventType.PIPECATCALL_INITIALIZED::equals)
                .hasSize(1);
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);
    }

    @Test
    void of_many_legs_with_one_id_at_the_same_moment_exactly_one_is_let_in() throws Exception {
        int rounds = 200;
        int callers = 8;
        VirtualClock clock = new VirtualClock();
        SequentialIds ids = new SequentialIds();
        RecordingEventPublisher events = new RecordingEventPublisher();
        PipecatEngine engine = PipecatEngine.builder()
                .agents(new StaticAgentCatalog(List.of(Agent.of("echo", "echo")), "echo"))
                .publisher(events)
                .launcher(new FakeRunnerLauncher())
                .time(clock)
                .alarms(clock)
                .ids(ids)
                .maxSessions(rounds)
                .build();
        CyclicBarrier together = new CyclicBarrier(callers);
        try (var executor = Executors.newFixedThreadPool(callers)) {
            for (int round = 0; round < rounds; round++) {
                PipecatcallId id = ids.nextCallId();
                List<Callable<LegAdmission>> knocks = new ArrayList<>();
                for (int i = 0; i < callers; i++) {
                    knocks.add(() -> {
                        together.await(20, TimeUnit.SECONDS);
                        return engine.admit(id, new LegGate.Origin(new InetSocketAddress(0), ""));
                    });
                }
                int admitted = 0;
                for (Future<LegAdmission> answer : executor.invokeAll(knocks)) {
                    if (answer.get() instanceof LegAdmission.Admitted leg) {
                        admitted++;
                        leg.media().closed(LegEnd.HUNG_UP);
                    } else {
                        assertThat(answer.get()).isEqualTo(refused(LegGate.Refusal.ALREADY_USED));
                    }
                }
                assertThat(admitted).isEqualTo(1);
                events.await(id, EventType.PIPECATCALL_TERMINATED);
            }
        }
        assertThat(engine.drain(Duration.ofSeconds(1))
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join())
                .isNull();
        assertThat(engine.sessionCount()).isZero();
    }
}
