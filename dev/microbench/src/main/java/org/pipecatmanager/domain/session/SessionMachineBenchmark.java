package org.pipecatmanager.domain.session;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.SessionLimits;

/** All decisions about one call of ten turns, from its acceptance to its end. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SessionMachineBenchmark {
    private static final int TURNS = 10;
    private static final List<SessionEvent> SET_UP = List.of(
            new SessionEvent.RecordWritten(),
            new SessionEvent.LegOpened(),
            new SessionEvent.LinkOpened(LinkDirection.BOTH));
    private static final List<SessionEvent> TURN =
            List.of(new SessionEvent.Spoke(), new SessionEvent.BotAudible(), new SessionEvent.BotSilent());
    private static final List<SessionEvent> TEAR_DOWN = List.of(
            new SessionEvent.EndAsked(EndReason.REQUESTED),
            new SessionEvent.LegClosed(LegEnd.HUNG_UP),
            new SessionEvent.LinkClosed(LinkDirection.BOTH, new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_US)),
            new SessionEvent.RunnerStopped(),
            new SessionEvent.MediaStopped());

    private final SessionMachine machine =
            new SessionMachine(new SessionPlan(true, true, SessionLimits.DEFAULTS), true);
    private long now;

    @Benchmark
    public SessionState call(Blackhole effects) {
        Step begun = machine.begin();
        effects.consume(begun.effects());
        SessionState state = hear(begun.next(), SET_UP, effects);
        for (int turn = 0; turn < TURNS; turn++) {
            state = hear(state, TURN, effects);
        }
        state = hear(state, TEAR_DOWN, effects);
        if (!(state instanceof SessionState.Ended)) {
            throw new IllegalStateException("after its last event the call is " + state);
        }
        return state;
    }

    private SessionState hear(SessionState from, List<SessionEvent> events, Blackhole effects) {
        SessionState state = from;
        for (SessionEvent event : events) {
            now += 1_000_000;
            Step step = machine.on(state, event, now);
            effects.consume(step.effects());
            state = step.next();
        }
        return state;
    }
}
