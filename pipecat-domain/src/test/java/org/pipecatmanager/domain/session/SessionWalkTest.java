package org.pipecatmanager.domain.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.domain.session.SessionEffect.Announce;
import org.pipecatmanager.domain.session.SessionEffect.Release;
import org.pipecatmanager.domain.session.SessionEffect.StartMedia;
import org.pipecatmanager.domain.session.SessionEffect.StopMedia;
import org.pipecatmanager.domain.session.SessionEffect.WriteStatus;
import org.pipecatmanager.domain.session.SessionEvent.BotAudible;
import org.pipecatmanager.domain.session.SessionEvent.BotSilent;
import org.pipecatmanager.domain.session.SessionEvent.DeadlinePassed;
import org.pipecatmanager.domain.session.SessionEvent.EndAsked;
import org.pipecatmanager.domain.session.SessionEvent.LegClosed;
import org.pipecatmanager.domain.session.SessionEvent.LegOpened;
import org.pipecatmanager.domain.session.SessionEvent.LinkClosed;
import org.pipecatmanager.domain.session.SessionEvent.LinkOpened;
import org.pipecatmanager.domain.session.SessionEvent.MediaFailed;
import org.pipecatmanager.domain.session.SessionEvent.MediaStopped;
import org.pipecatmanager.domain.session.SessionEvent.PreparationFailed;
import org.pipecatmanager.domain.session.SessionEvent.Prepared;
import org.pipecatmanager.domain.session.SessionEvent.RecordFailed;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerBusy;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.domain.session.SessionEvent.RunnerRefused;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionState.Ended;
import org.pipecatmanager.domain.session.SessionState.Preparing;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.SessionLimits;

/** Whatever happens in whatever order: a session ends once, says so once, and takes down the media it asked for. */
class SessionWalkTest {
    private static final int WALKS = 2_000;
    private static final int STEPS = 40;
    private static final List<SessionEvent> EVENTS = List.of(
            new RecordFailed("…"),
            new PreparationFailed(EndReason.LOOKUP_FAILED, "…"),
            new MediaFailed("…"),
            new MediaStopped(),
            new LegOpened(),
            new LegClosed(LegEnd.HUNG_UP),
            new LinkOpened(LinkDirection.BOTH),
            new LinkOpened(LinkDirection.OUTPUT),
            new LinkOpened(LinkDirection.INPUT),
            new LinkClosed(LinkDirection.BOTH, new LinkEnd(1006, LinkEnd.Cause.BROKEN)),
            new RunnerRefused("…"),
            new RunnerBusy("…"),
            new RunnerUnreachable("…"),
            new RunnerEnding(EndReason.BOT_ENDED, "…"),
            new RunnerEnding(EndReason.RUNNER_LOST, "…"),
            new RunnerStopped(),
            new Spoke(),
            new BotAudible(),
            new BotSilent(),
            new EndAsked(EndReason.REQUESTED),
            new DeadlinePassed(Deadline.PREPARE),
            new DeadlinePassed(Deadline.LEG),
            new DeadlinePassed(Deadline.RUNNER),
            new DeadlinePassed(Deadline.RETRY),
            new DeadlinePassed(Deadline.IDLE),
            new DeadlinePassed(Deadline.ENDING));

    private final List<SessionEffect> effects = new ArrayList<>();
    private SessionMachine machine = SessionMachine.undecided(SessionLimits.DEFAULTS);
    private SessionState state = machine.begin().next();
    private long now;

    private void hear(SessionEvent event) {
        Step step = machine.on(state, event, now);
        state = step.next();
        effects.addAll(step.effects());
    }

    private long count(SessionEffect effect) {
        return effects.stream().filter(effect::equals).count();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void every_walk_ends_once(boolean onPlatform) {
        for (int seed = 0; seed < WALKS; seed++) {
            Random random = new Random(seed);
            SessionPlan plan = new SessionPlan(
                    random.nextInt(4) > 0,
                    random.nextBoolean(),
                    SessionLimits.DEFAULTS.withRunnerRetries(random.nextInt(3)));
            SessionMachine decided = new SessionMachine(plan, onPlatform);
            machine = onPlatform ? SessionMachine.undecided(SessionLimits.DEFAULTS) : decided;
            effects.clear();
            now = random.nextLong();
            state = machine.begin().next();
            hear(new RecordWritten());
            for (int i = 0; i < STEPS; i++) {
                now += random.nextLong(Duration.ofSeconds(5).toNanos());
                if (state instanceof Preparing && random.nextInt(3) > 0) {
                    machine = decided;
                    hear(new Prepared());
                }
                hear(EVENTS.get(random.nextInt(EVENTS.size())));
            }
            hear(new EndAsked(EndReason.SHUTDOWN));
            now += SessionLimits.DEFAULTS.endingTimeout().toNanos();
            hear(new DeadlinePassed(Deadline.ENDING));

            String walk = "seed " + seed;
            assertThat(state).as(walk).isInstanceOf(Ended.class);
            assertThat(count(new Announce(EventType.PIPECATCALL_CREATED)))
                    .as(walk)
                    .isEqualTo(1);
            assertThat(count(new Announce(EventType.PIPECATCALL_INITIALIZED)))
                    .as(walk)
                    .isLessThanOrEqualTo(1);
            assertThat(count(new Announce(EventType.PIPECATCALL_TERMINATED)))
                    .as(walk)
                    .isEqualTo(1);
            assertThat(count(new WriteStatus(PipecatcallStatus.ENDED, ((Ended) state).reason())))
                    .as(walk)
                    .isEqualTo(1);
            assertThat(count(new Release())).as(walk).isEqualTo(1);
            assertThat(count(new StartMedia())).as(walk).isLessThanOrEqualTo(1);
            assertThat(count(new StopMedia())).as(walk).isEqualTo(count(new StartMedia()));
        }
    }
}
