package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.CountingSessionMeter.Counter;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Playout;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.Resume;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.RunnerLoss;
import org.pipecatmanager.ports.model.RunnerMessage.BotOutput;
import org.pipecatmanager.ports.model.RunnerMessage.CallEnding;
import org.pipecatmanager.ports.model.RunnerMessage.Context;
import org.pipecatmanager.ports.model.RunnerMessage.UserTranscription;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/** A runner is lost in the middle of a call: its caller is kept, another one goes on, and the first is not heard any more. */
class RunnerLostTest {
    private static final LinkEnd BROKEN = new LinkEnd(1006, LinkEnd.Cause.BROKEN);
    private static final LinkEnd FAILED = new LinkEnd(1011, LinkEnd.Cause.FAILED_BY_RUNNER);
    private static final Map<String, Object> QUESTION = Map.of("role", "user", "content", "When do you open?");

    private final Stage stage = Stage.withRetries(2);

    private static short[] sound(int millis) {
        short[] samples = new short[8 * millis];
        Arrays.fill(samples, (short) 9_000);
        return samples;
    }

    private List<RunnerLaunch> launches() {
        return stage.launcher.launches();
    }

    private Resume resume() {
        return Objects.requireNonNull(launches().getLast().resume(), "the last launch is a call's first");
    }

    private void assertLive(PipecatcallId id) {
        assertThat(stage.record(id).status()).isEqualTo(PipecatcallStatus.LIVE);
        assertThat(stage.types(id))
                .filteredOn(EventType.PIPECATCALL_INITIALIZED::equals)
                .hasSize(1);
    }

    private List<RunnerChange> changes(PipecatcallId id) {
        return stage.events.events(id).stream()
                .filter(event -> event.payload() instanceof RunnerChange)
                .map(event -> (RunnerChange) event.payload())
                .toList();
    }

    @Test
    void the_caller_hears_frame_after_frame_and_the_next_runner_goes_on_with_the_conversation() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink first = stage.link(id);
        assertThat(launches().getLast().resume()).isNull();
        first.says(new Context(0, List.of(QUESTION), "sales"));
        first.says(new BotOutput("s1", "We open at nine.", "We open", false));
        first.closes(BROKEN);
        for (int i = 0; i < 50; i++) {
            leg.tick();
        }
        FakeRunnerLink second = stage.link(id);

        assertThat(resume())
                .isEqualTo(
                        new Resume(1, List.of(QUESTION, Map.of("role", "assistant", "content", "We open")), "sales"));
        assertLive(id);
        assertThat(changes(id))
                .extracting(RunnerChange::attempt, RunnerChange::loss, RunnerChange::tookMillis)
                .containsExactly(tuple(1, RunnerLoss.LINK_LOST, 0L), tuple(1, null, 1_000L));
        assertThat(stage.types(id)).containsSubsequence(EventType.RUNNER_LOST, EventType.RUNNER_REPLACED);
        assertThat(stage.meter.replacements()).containsExactly(Duration.ofSeconds(1));

        second.speaks(sound(100), 8_000);
        for (int i = 0; i < 5; i++) {
            leg.tick();
        }
        assertThat(leg.sink.frames()).hasSize(55);
        assertThat(leg.sink.frames().getLast()[80]).isEqualTo((short) 9_000);
        leg.closes(LegEnd.HUNG_UP);
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);
    }

    @Test
    void what_the_lost_runner_delivered_is_played_and_the_next_counts_from_0() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink first = stage.link(id);
        first.speaks(sound(100), 8_000);
        leg.tick();
        first.closes(BROKEN);
        FakeRunnerLink second = stage.link(id);

        assertThat(second.received(Playout.class)).containsExactly(new Playout(0, 400, 80));
        second.speaks(sound(20), 8_000);
        for (int i = 0; i < 6; i++) {
            leg.tick();
        }
        assertThat(second.received(Playout.class)).last().isEqualTo(new Playout(20, 420, 0));
    }

    @Test
    void nothing_of_the_lost_runner_is_heard_any_more() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        RunnerGate.Listener old = stage.listener(id);
        Secret oldToken = launches().getLast().token();
        FakeRunnerLink oldLink = new FakeRunnerLink();
        old.opened(oldLink);
        old.message(new CallEnding(EndReason.RUNNER_LOST, "the pipeline broke"));
        stage.link(id);
        assertThat(oldLink.isClosed()).isTrue();

        old.audio(ByteBuffer.allocate(320).order(ByteOrder.BIG_ENDIAN).putShort(0, (short) 9_000), 8_000);
        old.interrupted();
        old.message(new UserTranscription("late", true));
        old.message(new CallEnding(EndReason.BOT_ENDED, ""));
        old.closed(FAILED);
        leg.tick();

        assertThat(leg.sink.frames().getLast()).containsOnly((short) 0);
        assertThat(stage.types(id)).doesNotContain(EventType.MESSAGE_USER_TRANSCRIPTION, EventType.BOT_INTERRUPTED);
        assertLive(id);
        assertThat(stage.engine.admit(id, LinkDirection.BOTH, oldToken))
                .isEqualTo(new RunnerGate.LinkAdmission.Refused(RunnerGate.Refusal.UNAUTHORIZED));
        assertThatThrownBy(() ->
                        stage.engine.toolCalled(id, oldToken, new ToolCall("t1", "opening_hours", "{}", Map.of())))
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status()).isEqualTo(RequestException.Status.UNAUTHENTICATED));
    }

    @Test
    void a_socket_that_was_let_in_before_and_opens_after_the_loss_is_closed() {
        PipecatcallId id = stage.register("reception");
        stage.leg(id);
        FakeRunnerLink output = stage.link(id, LinkDirection.OUTPUT);
        FakeRunnerLink input = stage.link(id, LinkDirection.INPUT);
        output.closes(BROKEN);
        assertThat(input.isClosed()).as("its other socket").isTrue();
        RunnerGate.Listener late = stage.listener(id);
        stage.pass(Stage.LIMITS.runnerTimeout());
        FakeRunnerLink link = new FakeRunnerLink();
        late.opened(link);

        assertThat(link.isClosed()).isTrue();
        assertThat(link.received()).isEmpty();
        assertThat(changes(id)).extracting(RunnerChange::attempt).containsExactly(1, 2);
    }

    @Test
    void a_pipeline_that_was_given_up_is_not_let_in_while_the_next_is_waited_for() {
        PipecatcallId id = stage.register("reception");
        stage.leg(id);
        Secret oldToken = launches().getLast().token();
        stage.threads.hold("runner-stop");
        stage.link(id).closes(BROKEN);

        assertThat(stage.engine.admit(id, LinkDirection.BOTH, oldToken))
                .isEqualTo(new RunnerGate.LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION));
        assertThat(launches()).as("a late stop would hit the next pipeline").hasSize(1);
        stage.threads.release();
        assertThat(launches()).hasSize(2);
        stage.link(id);
        assertLive(id);
    }

    @Test
    void a_runner_that_is_full_or_being_started_again_is_waited_for() {
        PipecatcallId id = stage.register("reception");
        stage.leg(id);
        stage.launcher.disappear();
        stage.link(id).closes(BROKEN);
        stage.pass(Duration.ofSeconds(5));
        stage.launcher.fillUp("503: full");
        stage.pass(Duration.ofSeconds(5));
        assertThat(launches()).hasSizeBetween(20, 22);
        stage.launcher.recover();
        stage.pass(Duration.ofSeconds(1));
        stage.link(id);

        assertLive(id);
        assertThat(resume().attempt()).isEqualTo(1);
        assertThat(changes(id)).hasSize(2);
    }

    @Test
    void when_all_tries_are_used_up_the_call_ends_and_says_why() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        stage.launcher.fillUp("runner answered 503: 20 of 20 calls");
        stage.link(id).closes(FAILED);
        stage.pass(Stage.LIMITS.runnerTimeout().multipliedBy(2).plusSeconds(2));
        leg.tick();

        assertThat(changes(id))
                .extracting(RunnerChange::attempt, RunnerChange::loss)
                .containsExactly(tuple(1, RunnerLoss.LINK_LOST), tuple(2, RunnerLoss.REFUSED));
        assertThat(stage.events.events(id))
                .anyMatch(event -> event.payload() instanceof Problem problem
                        && problem.fatal()
                        && problem.message().contains("20 of 20 calls"));
        assertThat(stage.meter.count(Counter.RUNNER_REPLACEMENT_FAILED)).isEqualTo(2);
        stage.assertEnded(id, EndReason.RUNNER_LOST);
    }

    @Test
    void the_call_can_be_stopped_and_the_caller_can_hang_up_meanwhile() {
        PipecatcallId stopped = stage.register("reception");
        Stage.Leg leg = stage.leg(stopped);
        stage.launcher.disappear();
        stage.link(stopped).closes(BROKEN);
        stage.engine.stop(stopped);
        leg.tick();
        stage.assertEnded(stopped, EndReason.REQUESTED);

        Stage other = Stage.withRetries(1);
        PipecatcallId left = other.register("reception");
        Stage.Leg caller = other.leg(left);
        other.link(left).closes(BROKEN);
        caller.closes(LegEnd.HUNG_UP);
        other.assertEnded(left, EndReason.CALLER_HUNG_UP);
    }

    @Test
    void a_tool_that_runs_for_the_lost_runner_comes_back_and_is_told() {
        PipecatcallId id = stage.register("reception");
        stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        stage.tools.answer("opening_hours", call -> {
            link.closes(BROKEN);
            stage.link(id);
            return ToolResult.success(call.id(), null);
        });
        stage.engine.toolCalled(id, launches().getLast().token(), new ToolCall("t1", "opening_hours", "{}", Map.of()));

        assertThat(stage.types(id))
                .containsSubsequence(
                        EventType.TOOL_CALL_STARTED,
                        EventType.RUNNER_LOST,
                        EventType.RUNNER_REPLACED,
                        EventType.TOOL_CALL_FINISHED);
        assertLive(id);
    }

    @Test
    void a_text_session_goes_on_with_what_was_written() {
        PipecatcallId id = stage.register("chat");
        FakeRunnerLink first = stage.link(id);
        MessageCommand command = new MessageCommand(id, "", "hello", true, false);
        stage.engine.sendMessage(command);
        first.closes(BROKEN);
        assertThatThrownBy(() -> stage.engine.sendMessage(command))
                .hasMessageContaining("no runner that takes messages");
        FakeRunnerLink second = stage.link(id);

        assertThat(resume().messages()).containsExactly(Map.of("role", "user", "content", "hello"));
        stage.engine.sendMessage(command);
        assertThat(second.commands()).hasSize(2);
        assertLive(id);
    }
}
