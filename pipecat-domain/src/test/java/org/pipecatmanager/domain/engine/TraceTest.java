package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.TraceContext;

/** What a call is part of. */
class TraceTest {
    private static final TraceContext ASKER =
            new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

    private final Stage stage = new Stage();

    @Test
    void every_event_and_the_runner_of_a_call_are_in_one_span_of_the_trace_of_its_start() {
        PipecatcallId id = stage.ids.nextCallId();
        stage.engine.start(StartCommand.ofAgent(id, "reception").withTrace(ASKER));
        Stage.Leg leg = stage.leg(id);
        stage.link(id);
        leg.closes(LegEnd.HUNG_UP);

        stage.assertEnded(id, EndReason.CALLER_HUNG_UP);
        TraceContext trace = stage.launcher.awaitLaunch(id).trace();
        assertThat(trace.traceId()).isEqualTo(ASKER.traceId());
        assertThat(trace).isNotEqualTo(ASKER);
        assertThat(stage.events.events(id))
                .hasSizeGreaterThanOrEqualTo(3)
                .extracting(CallEvent::trace)
                .containsOnly(trace);
    }

    @Test
    void calls_without_a_trace_registered_or_not_get_one_each() {
        PipecatcallId registered = stage.register("reception");
        PipecatcallId embedded = stage.ids.nextCallId();
        var traceIds = new HashSet<String>();
        for (PipecatcallId id : List.of(registered, embedded)) {
            Stage.Leg leg = stage.leg(id);
            stage.link(id);
            leg.closes(LegEnd.HUNG_UP);
            TraceContext trace = stage.launcher.awaitLaunch(id).trace();
            traceIds.add(trace.traceId());
            assertThat(stage.events.events(id))
                    .hasSizeGreaterThanOrEqualTo(3)
                    .extracting(CallEvent::trace)
                    .containsOnly(trace);
        }
        assertThat(traceIds).hasSize(2);
    }

    @Test
    void a_platforms_call_is_in_the_trace_of_its_start_too() {
        PlatformStage platform = new PlatformStage();
        PipecatcallId id = platform.ids.nextCallId();
        platform.engine.start(PlatformStage.text(id).withTrace(ASKER));

        assertThat(platform.launcher.awaitLaunch(id).trace().traceId()).isEqualTo(ASKER.traceId());
        assertThat(platform.events.events(id))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.trace())
                        .isEqualTo(platform.launcher.awaitLaunch(id).trace()));
    }

    @Test
    void a_start_that_comes_again_in_another_trace_is_the_same_start_and_changes_nothing() {
        PipecatcallId id = stage.ids.nextCallId();
        StartCommand command = StartCommand.ofAgent(id, "reception").withTrace(ASKER);
        stage.engine.start(command);
        stage.engine.start(command.withTrace(TraceContext.random(stage.ids)));
        stage.engine.start(command.withTrace(null));

        assertThat(stage.launcher.launches()).hasSize(1);
        assertThat(stage.launcher.awaitLaunch(id).trace().traceId()).isEqualTo(ASKER.traceId());
    }
}
