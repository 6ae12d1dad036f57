package org.pipecatmanager.domain.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.domain.session.SessionEffect.Announce;
import org.pipecatmanager.domain.session.SessionEffect.ReportLoss;
import org.pipecatmanager.domain.session.SessionEffect.StartRunner;
import org.pipecatmanager.domain.session.SessionEffect.WakeAt;
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
import org.pipecatmanager.domain.session.SessionEvent.RecordTaken;
import org.pipecatmanager.domain.session.SessionEvent.RecordWritten;
import org.pipecatmanager.domain.session.SessionEvent.RunnerBusy;
import org.pipecatmanager.domain.session.SessionEvent.RunnerEnding;
import org.pipecatmanager.domain.session.SessionEvent.RunnerRefused;
import org.pipecatmanager.domain.session.SessionEvent.RunnerStopped;
import org.pipecatmanager.domain.session.SessionEvent.RunnerUnreachable;
import org.pipecatmanager.domain.session.SessionEvent.Spoke;
import org.pipecatmanager.domain.session.SessionState.Accepted;
import org.pipecatmanager.domain.session.SessionState.Ended;
import org.pipecatmanager.domain.session.SessionState.Ending;
import org.pipecatmanager.domain.session.SessionState.Live;
import org.pipecatmanager.domain.session.SessionState.Preparing;
import org.pipecatmanager.domain.session.SessionState.Reconnecting;
import org.pipecatmanager.domain.session.SessionState.Reconnecting.Phase;
import org.pipecatmanager.domain.session.SessionState.Waiting;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * The table of every state and every event. {@code docs/session-states.md} is its golden file; {@code -Dsession-states.update}
 * writes it anew.
 */
class SessionTableTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "session-states.md");
    /** When every event of the table happens: after every deadline in {@link #states()}. */
    private static final long NOW = Duration.ofMinutes(10).toNanos();

    private static final long PAST = NOW - 1;
    private static final OpenLinks BOTH = new OpenLinks(true, true);
    private static final SessionPlan PLAN = new SessionPlan(true, true, SessionLimits.DEFAULTS);

    private final SessionMachine decided = new SessionMachine(PLAN, true);

    /** What the call needs is not known before it is prepared. */
    private SessionMachine machineIn(SessionState state) {
        return state instanceof Accepted ? SessionMachine.undecided(SessionLimits.DEFAULTS) : decided;
    }

    private static Reconnecting trying(int attempt, Phase phase) {
        return new Reconnecting(attempt, phase, OpenLinks.NONE, PAST, PAST, PAST, PAST, PAST);
    }

    private static Map<String, SessionState> states() {
        Map<String, SessionState> states = new LinkedHashMap<>();
        states.put("Accepted", new Accepted());
        states.put("Preparing", new Preparing(PAST, PAST));
        states.put("Waiting, for both", new Waiting(false, OpenLinks.NONE, PAST, PAST, PAST));
        states.put("Waiting, leg is up", new Waiting(true, OpenLinks.NONE, PAST, PAST, PAST));
        states.put("Waiting, runner is up", new Waiting(false, BOTH, PAST, PAST, PAST));
        states.put("Live", new Live(BOTH, 0, PAST, false, PAST, PAST));
        states.put("Live, no try left", new Live(BOTH, 2, PAST, false, PAST, PAST));
        states.put("Reconnecting, clearing", trying(1, Phase.CLEARING));
        states.put("Reconnecting, pausing", trying(1, Phase.PAUSING));
        states.put("Reconnecting, starting", trying(1, Phase.STARTING));
        states.put("Reconnecting, last try", trying(2, Phase.STARTING));
        states.put("Ending, all is open", new Ending(EndReason.REQUESTED, true, BOTH, false, false, PAST));
        states.put("Ending, leg is left", new Ending(EndReason.REQUESTED, true, OpenLinks.NONE, true, true, PAST));
        states.put("Ending, link is left", new Ending(EndReason.REQUESTED, false, BOTH, true, true, PAST));
        states.put("Ending, runner is left", new Ending(EndReason.REQUESTED, false, OpenLinks.NONE, false, true, PAST));
        states.put("Ending, media is left", new Ending(EndReason.REQUESTED, false, OpenLinks.NONE, true, false, PAST));
        states.put("Ended", new Ended(EndReason.REQUESTED));
        return states;
    }

    private static List<SessionEvent> events() {
        List<SessionEvent> events = new ArrayList<>(List.of(
                new RecordWritten(),
                new RecordTaken(),
                new RecordFailed("…"),
                new Prepared(),
                new PreparationFailed(EndReason.LOOKUP_FAILED, "…"),
                new MediaFailed("…"),
                new MediaStopped(),
                new LegOpened(),
                new LegClosed(LegEnd.HUNG_UP),
                new LegClosed(LegEnd.PROTOCOL_ERROR),
                new LegClosed(LegEnd.SERVER_STOPPED),
                new LegClosed(LegEnd.CLOSED_BY_US),
                new LinkOpened(LinkDirection.BOTH),
                new LinkOpened(LinkDirection.INPUT),
                new LinkOpened(LinkDirection.OUTPUT),
                new LinkClosed(LinkDirection.BOTH, new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_RUNNER)),
                new LinkClosed(LinkDirection.BOTH, new LinkEnd(1001, LinkEnd.Cause.CLOSED_BY_RUNNER)),
                new LinkClosed(LinkDirection.BOTH, new LinkEnd(1006, LinkEnd.Cause.BROKEN)),
                new LinkClosed(LinkDirection.BOTH, new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_US)),
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
                new EndAsked(EndReason.SHUTDOWN)));
        for (Deadline deadline : Deadline.values()) {
            events.add(new DeadlinePassed(deadline));
        }
        return events;
    }

    @Test
    void the_table_in_the_documentation_is_the_table_of_the_machine() throws IOException {
        String table = table();
        if (System.getProperty("session-states.update") != null) {
            Files.writeString(DOCUMENT, table);
        }
        assertThat(DOCUMENT)
                .as("docs/session-states.md; run this test with -Dsession-states.update to write it anew")
                .hasContent(table);
    }

    @Test
    void every_state_and_every_event_is_in_the_table() {
        Set<String> shown = new TreeSet<>();
        states().values().forEach(state -> shown.add(state.getClass().getSimpleName()));
        events().forEach(event -> shown.add(event.getClass().getSimpleName()));

        Set<String> permitted = new TreeSet<>(leaves(SessionState.class));
        permitted.addAll(leaves(SessionEvent.class));

        assertThat(shown).isEqualTo(permitted);
    }

    @Test
    void every_effect_is_caused_by_something() {
        Set<String> caused = new TreeSet<>();
        decided.begin().effects().forEach(effect -> caused.add(effect.getClass().getSimpleName()));
        for (SessionState state : states().values()) {
            for (SessionEvent event : events()) {
                machineIn(state)
                        .on(state, event, NOW)
                        .effects()
                        .forEach(effect -> caused.add(effect.getClass().getSimpleName()));
            }
        }

        assertThat(caused).isEqualTo(new TreeSet<>(leaves(SessionEffect.class)));
    }

    private static List<String> leaves(Class<?> sealedType) {
        Class<?>[] permitted = sealedType.getPermittedSubclasses();
        if (permitted == null) {
            return List.of(sealedType.getSimpleName());
        }
        List<String> all = new ArrayList<>();
        for (Class<?> one : permitted) {
            all.addAll(leaves(one));
        }
        return all;
    }

    private String table() {
        StringBuilder text = new StringBuilder("""
                # Session states

                Every state of a session and what every event does in it. Written by `SessionTableTest`, which compares this file with
                the machine; `mvn -pl pipecat-domain -am test -Dtest=SessionTableTest -Dsession-states.update` writes it anew.

                The session of the table runs on a platform: it has a caller's leg whose media Asterisk is asked to connect, uses both
                ways of the runner's sockets and may replace a lost runner twice (0 times: it behaves as in "Live, no try left"). A session whose needs are known when it is accepted goes from Accepted straight to
                Waiting and has no external media. Every deadline has passed when its alarm rings; an alarm that rings early changes
                nothing, except that the idle alarm is set again.

                """);
        states().forEach((name, state) -> {
            SessionMachine machine = machineIn(state);
            List<String> inert = new ArrayList<>();
            text.append("## ").append(name).append("\n\n| event | next | effects |\n|---|---|---|\n");
            for (SessionEvent event : events()) {
                Step step = machine.on(state, event, NOW);
                if (step.next().equals(state) && step.effects().isEmpty()) {
                    inert.add(name(event));
                } else {
                    text.append("| ")
                            .append(name(event))
                            .append(" | ")
                            .append(name(step.next(), state))
                            .append(" | ")
                            .append(step.effects().stream()
                                    .map(SessionTableTest::name)
                                    .collect(Collectors.joining(", ")))
                            .append(" |\n");
                }
            }
            text.append("\nWithout meaning here: ")
                    .append(String.join(", ", inert))
                    .append(".\n\n");
        });
        return text.toString().stripTrailing() + "\n";
    }

    private static String name(SessionEvent event) {
        return switch (event) {
            case PreparationFailed e -> "PreparationFailed(" + e.reason().wireName() + ")";
            case LegClosed e -> "LegClosed(" + e.how().label() + ")";
            case LinkOpened e -> "LinkOpened(" + e.direction() + ")";
            case LinkClosed e -> "LinkClosed(" + e.end().code() + " " + e.end().cause() + ")";
            case RunnerEnding e -> "RunnerEnding(" + e.reason().wireName() + ")";
            case EndAsked e -> "EndAsked(" + e.reason().wireName() + ")";
            case DeadlinePassed e -> "DeadlinePassed(" + e.deadline() + ")";
            case SessionEvent e -> e.getClass().getSimpleName();
        };
    }

    private static String name(SessionState next, SessionState before) {
        if (next.equals(before)) {
            return "stays";
        }
        return switch (next) {
            case Accepted s -> "Accepted";
            case Preparing s -> "Preparing";
            case Waiting s -> "Waiting(leg " + (s.legUp() ? "up" : "missing") + ", links " + s.links() + ")";
            case Live s -> "Live(links " + s.links() + (s.botAudible() ? ", bot audible" : "") + ")";
            case Reconnecting s ->
                "Reconnecting(try " + s.attempt() + ", " + s.phase().name().toLowerCase(Locale.ROOT) + ", links "
                        + s.links() + ")";
            case Ending s ->
                "Ending(" + s.reason().wireName() + ", leg " + (s.legOpen() ? "open" : "gone") + ", links " + s.links()
                        + ", runner " + (s.runnerStopped() ? "stopped" : "asked to stop") + ", media "
                        + (s.mediaStopped() ? "gone" : "asked to stop") + ")";
            case Ended s -> "Ended(" + s.reason().wireName() + ")";
        };
    }

    private static String name(SessionEffect effect) {
        return switch (effect) {
            case WriteStatus e -> "WriteStatus(" + e.status().wireName() + ")";
            case Announce e -> "Announce(" + e.type().wireName() + ")";
            case StartRunner e -> e.attempt() == 0 ? "StartRunner" : "StartRunner(try " + e.attempt() + ")";
            case ReportLoss e ->
                "ReportLoss(try " + e.attempt() + ", " + e.loss().wireName() + ")";
            case WakeAt e -> "WakeAt(" + e.deadline() + ")";
            case SessionEffect e -> e.getClass().getSimpleName();
        };
    }
}
