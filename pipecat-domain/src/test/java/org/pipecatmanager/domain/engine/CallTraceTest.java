package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.Span;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.OpenSpan;

/** The spans of a call, and how they hang together. */
class CallTraceTest {
    private static final TraceContext ASKER =
            new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    private final Stage stage = new Stage();

    @Test
    void a_call_is_one_trace_from_its_start_to_its_end() {
        stage.spans.want();
        PipecatcallId id = stage.ids.nextCallId();
        stage.engine.start(StartCommand.ofAgent(id, "reception").withTrace(ASKER));
        Stage.Leg leg = stage.leg(id);
        stage.pass(Duration.ofMillis(70));
        FakeRunnerLink runner = stage.link(id);
        answer(id, leg, runner);
        leg.closes(LegEnd.HUNG_UP);
        stage.pass(Duration.ofSeconds(1));
        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);

        assertThat(tree())
                .containsExactlyInAnyOrder(
                        "call",
                        "call > setup",
                        "setup > record",
                        "setup > runner start",
                        "setup > runner link",
                        "call > leg",
                        "call > turn",
                        "turn > recogniser",
                        "turn > end of turn",
                        "turn > execute_tool",
                        "turn > model",
                        "turn > voice",
                        "turn > playout",
                        "call > end",
                        "end > runner stop");
        Span call = stage.spans.only("call");
        assertThat(call.parent()).isEqualTo(ASKER);
        assertThat(call.context()).isEqualTo(stage.launcher.awaitLaunch(id).trace());
        assertThat(call.error()).isEmpty();
        assertThat(call.attributes())
                .containsEntry("gen_ai.agent.name", "reception")
                .containsEntry("pipecatcall.end_reason", "caller_hung_up")
                .containsEntry("pipecatcall.turns", 1L);
        assertThat(stage.spans.all())
                .allSatisfy(span -> {
                    assertThat(span.context().traceId()).isEqualTo(ASKER.traceId());
                    assertThat(span.attributes()).containsEntry(OpenSpan.CALL_ID, id.toString());
                    assertThat(span.attributes().toString()).doesNotContain("opening hours?", "nine to five");
                })
                .extracting(span -> span.context().spanId())
                .doesNotHaveDuplicates();
        assertThat(millis("setup")).isEqualTo(70);
        assertThat(millis("recogniser")).isEqualTo(300);
        assertThat(millis("model")).isEqualTo(400);
        assertThat(millis("voice")).isEqualTo(100);
        assertThat(stage.spans.only("turn").start())
                .isEqualTo(stage.spans.only("recogniser").start());
        assertThat(stage.spans.only("turn").end())
                .isAfter(stage.spans.only("playout").end());
    }

    @Test
    void who_asks_on_a_calls_threads_finds_the_span_to_name() {
        stage.spans.want();
        PipecatcallId id = stage.register("reception");
        AtomicReference<TraceContext> named = new AtomicReference<>();
        stage.tools.answer("opening_hours", call -> {
            named.set(OpenSpan.current().context().orElseThrow());
            assertThat(OpenSpan.current().callId()).contains(id);
            return ToolResult.failure(call.id(), "closed");
        });
        ToolResult result = call(id, "opening_hours");

        assertThat(result.succeeded()).isFalse();
        assertThat(stage.spans.only("execute_tool").context()).isEqualTo(named.get());
        assertThat(stage.spans.only("execute_tool").error()).isEqualTo("tool_failed");
        assertThat(OpenSpan.current().context()).isEmpty();
    }

    @Test
    void without_anybody_who_wants_spans_the_trace_is_named_all_the_same_and_nothing_is_made() {
        PipecatcallId id = stage.register("reception");
        AtomicReference<TraceContext> named = new AtomicReference<>();
        stage.tools.answer("opening_hours", call -> {
            named.set(OpenSpan.current().context().orElseThrow());
            return ToolResult.success(call.id(), Map.of());
        });
        assertThat(call(id, "opening_hours").succeeded()).isTrue();

        assertThat(named.get()).isEqualTo(stage.launcher.awaitLaunch(id).trace());
        assertThat(stage.spans.all()).isEmpty();
    }

    @Test
    void a_trace_that_is_not_sampled_leaves_no_span() {
        stage.spans.want();
        PipecatcallId id = stage.ids.nextCallId();
        stage.engine.start(StartCommand.ofAgent(id, "reception").withTrace(ASKER.unsampled()));
        stage.leg(id).closes(LegEnd.HUNG_UP);
        assertThat(stage.launcher.awaitLaunch(id).trace().isSampled()).isFalse();
        assertThat(stage.spans.all()).isEmpty();
    }

    @Test
    void a_setup_that_fails_says_why() {
        stage.spans.want();
        PipecatcallId id = stage.register("reception");
        stage.link(id);
        stage.pass(Duration.ofMinutes(2));
        stage.assertEnded(id, EndReason.LEG_TIMEOUT);

        assertThat(stage.spans.only("setup").error()).isEqualTo("leg_timeout");
        assertThat(stage.spans.only("call").error()).isEqualTo("leg_timeout");
        assertThat(stage.spans.only("end").error()).isEmpty();
    }

    @Test
    void a_runner_that_is_replaced_is_a_span_of_its_own_with_the_new_start_in_it() {
        Stage retrying = Stage.withRetries(2);
        retrying.spans.want();
        PipecatcallId id = retrying.register("reception");
        Stage.Leg leg = retrying.leg(id);
        FakeRunnerLink link = retrying.link(id);
        link.closes(new LinkEnd(1006, LinkEnd.Cause.BROKEN));
        retrying.pass(Duration.ofSeconds(2));
        retrying.link(id);
        leg.closes(LegEnd.HUNG_UP);

        Span replacement = retrying.spans.only("runner replacement");
        assertThat(replacement.error()).isEmpty();
        assertThat(retrying.spans.all())
                .filteredOn(span -> span.name().equals("runner start"))
                .extracting(span -> retrying.spans.parentOf(span).orElseThrow())
                .containsExactly("setup", "runner replacement");
    }

    @Test
    void a_replacement_that_never_connects_is_told_as_lost() {
        Stage retrying = Stage.withRetries(2);
        retrying.spans.want();
        PipecatcallId id = retrying.register("reception");
        Stage.Leg leg = retrying.leg(id);
        retrying.link(id).closes(new LinkEnd(1006, LinkEnd.Cause.BROKEN));
        retrying.pass(SessionLimits.DEFAULTS.runnerTimeout().plusSeconds(2));
        retrying.link(id);
        leg.closes(LegEnd.HUNG_UP);

        assertThat(retrying.spans.all())
                .filteredOn(span -> span.name().equals("runner link"))
                .extracting(Span::error)
                .containsExactly("", "runner_lost", "");
    }

    @Test
    void what_a_platform_is_asked_is_part_of_the_lookup() {
        PlatformStage platform = new PlatformStage();
        platform.spans.want();
        platform.lookupFailure = PlatformStage.unreachable();
        PipecatcallId id = platform.ids.nextCallId();
        platform.engine.start(PlatformStage.voice(id));

        Span lookup = platform.spans.only("lookup");
        assertThat(lookup.error()).isEqualTo("unreachable");
        assertThat(platform.spans.parentOf(lookup)).contains("setup");
        assertThat(platform.spans.only("call").error()).isEqualTo("lookup_failed");
    }

    /** The caller asks, a tool is called, the bot answers aloud and falls silent. */
    private void answer(PipecatcallId id, Stage.Leg leg, FakeRunnerLink runner) {
        stage.tools.answer("opening_hours", call -> {
            stage.pass(Duration.ofMillis(150));
            return ToolResult.success(call.id(), Map.of());
        });
        runner.says(new RunnerMessage.UserStartedSpeaking());
        stage.pass(Duration.ofMillis(900));
        runner.says(new RunnerMessage.VoiceStopped(0));
        stage.pass(Duration.ofMillis(300));
        runner.says(new RunnerMessage.UserTranscription("opening hours?", true));
        stage.pass(Duration.ofMillis(100));
        runner.says(new RunnerMessage.UserStoppedSpeaking());
        assertThat(call(id, "opening_hours").succeeded()).isTrue();
        stage.pass(Duration.ofMillis(250));
        runner.says(new RunnerMessage.BotLlmStarted());
        runner.says(new RunnerMessage.BotLlmText("nine to five"));
        stage.pass(Duration.ofMillis(100));
        short[] voice = new short[1_600];
        Arrays.fill(voice, (short) 9_000);
        runner.speaks(voice, 8_000);
        for (int i = 0; i < 30; i++) {
            leg.tick();
        }
    }

    private ToolResult call(PipecatcallId id, String tool) {
        Secret token = stage.launcher.awaitLaunch(id).token();
        return stage.engine.toolCalled(id, token, new ToolCall("call-1", tool, "{}", Map.of()));
    }

    private long millis(String name) {
        Span span = stage.spans.only(name);
        return Duration.between(span.start(), span.end()).toMillis();
    }

    private List<String> tree() {
        return stage.spans.all().stream()
                .map(span -> stage.spans
                        .parentOf(span)
                        .map(parent -> parent + " > " + span.name())
                        .orElse(span.name()))
                .toList();
    }
}
