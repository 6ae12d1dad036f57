package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.model.Dtmf;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.MemberSwitched;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmStopped;
import org.pipecatmanager.ports.model.RunnerMessage.BotLlmText;
import org.pipecatmanager.ports.model.RunnerMessage.UserStoppedSpeaking;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/** What goes into and comes out of a running conversation through the engine. */
class MessagesAndToolsTest {
    private final Stage stage = new Stage();

    private static MessageCommand say(PipecatcallId id, String messageId, String text) {
        return new MessageCommand(id, messageId, text, true, true);
    }

    private void assertStatus(RequestException.Status status, Runnable asking) {
        assertThatThrownBy(asking::run)
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    @Test
    void a_message_reaches_the_runner_once_however_often_it_is_sent() {
        PipecatcallId id = stage.register("chat");
        FakeRunnerLink link = stage.link(id);
        Message first = stage.engine.sendMessage(say(id, "m-1", "hello"));
        Message again = stage.engine.sendMessage(say(id, "m-1", "hello"));

        assertThat(again).isEqualTo(first);
        assertThat(first.text()).isEqualTo("hello");
        assertThat(link.commands())
                .containsExactly(new RunnerCommand.ClientReady(), new RunnerCommand.SendText("hello", true, true));
    }

    @Test
    void messages_without_an_id_are_all_sent() {
        PipecatcallId id = stage.register("chat");
        FakeRunnerLink link = stage.link(id);
        stage.engine.sendMessage(say(id, "", "hello"));
        stage.engine.sendMessage(say(id, "", "hello"));

        assertThat(link.commands())
                .filteredOn(RunnerCommand.SendText.class::isInstance)
                .hasSize(2);
    }

    @Test
    void a_message_before_the_call_is_live_is_refused_and_one_after_it_finds_nothing() {
        PipecatcallId id = stage.register("chat");
        assertStatus(RequestException.Status.FAILED_PRECONDITION, () -> stage.engine.sendMessage(say(id, "m", "hi")));
        assertStatus(RequestException.Status.INVALID_ARGUMENT, () -> stage.engine.sendMessage(say(id, "m", " ")));

        stage.engine.stop(id);
        assertStatus(RequestException.Status.NOT_FOUND, () -> stage.engine.sendMessage(say(id, "m", "hi")));
    }

    @Test
    void a_message_with_no_socket_to_carry_it_is_refused_instead_of_lost() {
        PipecatcallId id = stage.register("chat");
        stage.link(id, LinkDirection.OUTPUT);

        assertStatus(RequestException.Status.FAILED_PRECONDITION, () -> stage.engine.sendMessage(say(id, "m", "hi")));
    }

    @Test
    void what_the_bot_says_names_the_message_it_answers() {
        PipecatcallId id = stage.register("chat");
        FakeRunnerLink link = stage.link(id);
        UUID asked = stage.ids.nextId();
        stage.engine.sendMessage(say(id, asked.toString(), "hello"));
        link.says(new BotLlmText("Hi"));
        stage.pass(Duration.ofMillis(200));
        stage.engine.sendMessage(say(id, stage.ids.nextId().toString(), "and then?"));
        link.says(new BotLlmText(" there"));
        link.says(new BotLlmStopped());

        assertThat(stage.events.events(id))
                .filteredOn(event -> event.payload() instanceof Message)
                .extracting(event -> ((Message) event.payload()).inReplyTo())
                .as("settled by the first piece")
                .containsExactly(asked, asked);
    }

    @Test
    void a_key_is_an_event_and_goes_to_the_runner() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        leg.media.pressed('#');

        assertThat(link.commands()).endsWith(new RunnerCommand.PressKey('#'));
        assertThat(stage.events.events(id).getLast().payload())
                .isEqualTo(new Dtmf(stage.record(id).ref(), '#'));
    }

    @Test
    void a_tool_is_carried_out_and_told_of() {
        PipecatcallId id = stage.register("reception");
        stage.tools.answer("opening_hours", call -> {
            stage.pass(Duration.ofMillis(120));
            return ToolResult.success(call.id(), Map.of("open", "9 to 5"));
        });
        Secret token = stage.launcher.awaitLaunch(id).token();
        ToolResult result = stage.engine.toolCalled(id, token, new ToolCall("call-1", "opening_hours", "{}", Map.of()));

        assertThat(result.succeeded()).isTrue();
        assertThat(stage.events.events(id))
                .filteredOn(event -> event.type() == EventType.TOOL_CALL_FINISHED)
                .singleElement()
                .extracting(event -> event.payload())
                .isEqualTo(new ToolActivity(stage.record(id).ref(), "call-1", "opening_hours", true, 120));
    }

    @Test
    void a_constant_id_of_a_runner_is_told_apart_for_everybody_but_the_runner() {
        PipecatcallId id = stage.register("reception");
        stage.tools.answer("opening_hours", call -> ToolResult.success(call.id(), Map.of()));
        Secret token = stage.launcher.awaitLaunch(id).token();
        for (int i = 0; i < 2; i++) {
            assertThat(stage.engine
                            .toolCalled(id, token, new ToolCall("team-tool", "opening_hours", "{}", Map.of()))
                            .toolCallId())
                    .isEqualTo("team-tool");
        }

        assertThat(stage.tools.calls()).extracting(ToolCall::id).containsExactly("team-tool", "team-tool-2");
        assertThat(stage.events.events(id))
                .filteredOn(event -> event.payload() instanceof ToolActivity)
                .extracting(event -> event.type() + " " + ((ToolActivity) event.payload()).toolCallId())
                .containsExactly(
                        "TOOL_CALL_STARTED team-tool",
                        "TOOL_CALL_FINISHED team-tool",
                        "TOOL_CALL_STARTED team-tool-2",
                        "TOOL_CALL_FINISHED team-tool-2");
    }

    @Test
    void tools_that_are_unknown_or_built_in_or_broken_are_failed_results() {
        PipecatcallId id = stage.register("reception");
        Secret token = stage.launcher.awaitLaunch(id).token();
        stage.tools.answer("opening_hours", call -> {
            throw new IllegalStateException("a defect");
        });
        for (String name : new String[] {"no_such_tool", "hang_up", "opening_hours"}) {
            assertThat(stage.engine
                            .toolCalled(id, token, new ToolCall(name, name, "{}", Map.of()))
                            .succeeded())
                    .as(name)
                    .isFalse();
        }
    }

    @Test
    void tools_and_handovers_need_the_sessions_token() {
        PipecatcallId id = stage.register("reception");
        ToolCall call = new ToolCall("call-1", "opening_hours", "{}", Map.of());

        assertStatus(
                RequestException.Status.UNAUTHENTICATED, () -> stage.engine.toolCalled(id, Secret.of("guess"), call));
        assertStatus(
                RequestException.Status.NOT_FOUND,
                () -> stage.engine.toolCalled(stage.ids.nextCallId(), Secret.of("guess"), call));
        assertThat(stage.tools.calls()).isEmpty();
    }

    @Test
    void a_handover_is_an_event() {
        PipecatcallId id = stage.register("reception");
        var from = new MemberSwitched.Member("1", "front desk", "", "", "", "");
        var to = new MemberSwitched.Member("2", "billing", "", "", "", "");
        stage.engine.memberSwitched(id, stage.launcher.awaitLaunch(id).token(), "to_billing", from, to);

        assertThat(stage.events.events(id).getLast().payload())
                .isEqualTo(new MemberSwitched(stage.record(id).ref(), "to_billing", from, to));
    }

    @Test
    void a_turn_is_measured_to_the_first_frame_of_the_answer_and_a_barge_in_is_counted() {
        PipecatcallId id = stage.register("reception");
        Stage.Leg leg = stage.leg(id);
        FakeRunnerLink link = stage.link(id);
        leg.tick();
        link.says(new UserStoppedSpeaking());
        link.speaks(new short[16_000 / 5], 16_000);
        leg.tick();
        leg.tick();
        assertThat(stage.meter.turnLatencies())
                .hasSize(1)
                .allMatch(latency -> !latency.isNegative() && latency.compareTo(Duration.ofMillis(40)) <= 0);

        link.interrupts();
        leg.tick();
        assertThat(stage.types(id)).endsWith(EventType.BOT_INTERRUPTED);
        assertThat(stage.meter.bargeInDrops()).hasSize(1);

        link.interrupts();
        leg.tick();
        assertThat(stage.meter.bargeInDrops()).as("nothing was playing").hasSize(1);
        leg.closes(LegEnd.HUNG_UP);
    }
}
