package org.pipecatmanager.domain.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pipecatmanager.domain.platform.Bench.assistant;
import static org.pipecatmanager.domain.platform.Bench.call;
import static org.pipecatmanager.domain.platform.Bench.names;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.domain.engine.Preparation.Prepared;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.ResolvedTeam;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

/** What a conversation with a team needs. */
class TeamTest {
    private static final UUID DESK = SequentialIds.id(701);
    private static final UUID SALES = SequentialIds.id(702);
    private static final UUID DESK_AI = SequentialIds.id(801);
    private static final UUID SALES_AI = SequentialIds.id(802);
    private static final UUID NOBODY = SequentialIds.id(799);

    private final Bench bench = new Bench();

    private static AiCall talk(UUID currentMember) {
        return new AiCall(
                Bench.AI_CALL,
                "team",
                Bench.TEAM,
                "call",
                Bench.TELEPHONE,
                currentMember,
                Map.of("confidence", 1),
                true);
    }

    private static Team team(UUID start, UUID next) {
        return new Team(
                Bench.TEAM,
                start,
                List.of(
                        new Team.Member(
                                DESK, "desk", DESK_AI, List.of(new Team.Transition("to_sales", "When buying.", next))),
                        new Team.Member(SALES, "sales", SALES_AI, List.of())));
    }

    private void knowBoth() {
        bench.ai.know(assistant(DESK_AI, "normal", "get_variables", "search_knowledge"));
        bench.ai.know(
                assistant(SALES_AI, "normal", Ids.ZERO, "deepgram", "send_email", "get_variables", "search_knowledge"));
    }

    private Prepared prepare() {
        return bench.prepare(call(ReferenceType.AI_CALL, ""));
    }

    @Test
    void every_member_comes_with_its_assistant_its_own_tools_and_its_transitions() {
        bench.offer("get_variables", "send_email", "search_knowledge", "stop_flow");
        bench.ai.know(talk(Ids.ZERO));
        bench.ai.know(team(DESK, SALES));
        knowBoth();

        var prepared = prepare();

        ResolvedTeam resolved = Objects.requireNonNull(prepared.assistance().team());
        assertThat(resolved.id()).isEqualTo(Bench.TEAM);
        assertThat(resolved.startMemberId()).isEqualTo(DESK);
        assertThat(resolved.members()).extracting(ResolvedTeam.Member::name).containsExactly("desk", "sales");
        var desk = resolved.members().get(0);
        var sales = resolved.members().get(1);
        assertThat(desk.ai().id()).isEqualTo(DESK_AI);
        assertThat(names(desk.tools())).containsExactly("get_variables", "search_knowledge");
        assertThat(desk.transitions()).extracting(Team.Transition::nextMemberId).containsExactly(SALES);
        assertThat(names(sales.tools())).containsExactly("get_variables", "send_email");
        assertThat(names(prepared.tools())).containsExactly("get_variables", "search_knowledge", "send_email");
    }

    @Test
    void key_is_the_starting_members_and_voice_activity_the_conversations() {
        bench.ai.know(talk(Ids.ZERO));
        bench.ai.know(team(SALES, SALES));
        knowBoth();

        var prepared = prepare();

        assertThat(prepared.assistance().llmKey()).isEqualTo(Secret.of("key-of-" + SALES_AI));
        assertThat(prepared.assistance().parameter()).isEmpty();
        assertThat(prepared.assistance().vadConfig()).isEqualTo(Map.of("confidence", 1));
        assertThat(prepared.assistance().smartTurnEnabled()).isTrue();
        assertThat(prepared.mediaCallId()).isEqualTo(Bench.TELEPHONE);
    }

    @Test
    void a_team_listens_when_one_of_its_members_does() {
        bench.ai.know(talk(Ids.ZERO));
        bench.ai.know(team(DESK, SALES));
        knowBoth();
        assertThat(prepare().plan().needsInput()).isTrue();

        bench.ai.know(assistant(SALES_AI, "normal"));
        assertThat(prepare().plan().needsInput()).isFalse();
    }

    @Test
    void a_conversation_goes_on_with_the_member_that_had_it() {
        bench.ai.know(talk(SALES));
        bench.ai.know(team(DESK, SALES));
        knowBoth();
        assertThat(Objects.requireNonNull(prepare().assistance().team()).startMemberId())
                .isEqualTo(SALES);
    }

    @Test
    void a_member_that_left_the_team_is_followed_by_the_first() {
        bench.ai.know(talk(NOBODY));
        bench.ai.know(team(DESK, SALES));
        knowBoth();
        assertThat(Objects.requireNonNull(prepare().assistance().team()).startMemberId())
                .isEqualTo(DESK);
    }

    @Test
    void a_team_nobody_can_begin_for_is_refused() {
        bench.ai.know(talk(NOBODY));
        bench.ai.know(team(NOBODY, SALES));
        assertThatThrownBy(this::prepare)
                .isInstanceOf(ManagerException.class)
                .hasMessage("team " + Bench.TEAM + " cannot answer: its start member " + NOBODY
                        + " is not one of its 2 members; set start_member_id to one of them");
        bench.ai.know(new Team(Bench.TEAM, DESK, List.of()));
        assertThatThrownBy(this::prepare).hasMessageContaining("is not one of its 0 members");
    }

    @Test
    void a_transition_that_leads_nowhere_is_refused_before_any_assistant_is_looked_up() {
        bench.ai.know(talk(Ids.ZERO));
        bench.ai.know(team(DESK, NOBODY));
        assertThatThrownBy(this::prepare)
                .hasMessage("team " + Bench.TEAM + " cannot answer: transition 'to_sales' of member " + DESK
                        + " leads to " + NOBODY + ", which is not one of its members");
        assertThat(bench.ai.asked()).containsExactly(Bench.AI_CALL, Bench.TEAM);
    }

    @Test
    void a_team_that_is_not_known_or_lacks_an_assistant_is_a_failure() {
        bench.ai.know(talk(Ids.ZERO));
        assertThatThrownBy(this::prepare)
                .isInstanceOfSatisfying(
                        ManagerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
        bench.ai.know(team(DESK, SALES));
        bench.ai.know(assistant(DESK_AI, "normal"));
        assertThatThrownBy(this::prepare)
                .isInstanceOfSatisfying(
                        ManagerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
                .hasMessageContaining(SALES_AI.toString());
        assertThat(bench.metered).isEmpty();
    }

    @Test
    @Timeout(60)
    void members_are_looked_up_side_by_side_but_not_all_at_once_and_each_assistant_once() {
        var members = new ArrayList<Team.Member>();
        var started = new AtomicInteger();
        var eight = new CountDownLatch(8);
        for (int i = 0; i < 20; i++) {
            UUID aiId = SequentialIds.id(900 + i);
            bench.ai.answerAi(aiId, () -> {
                eight.countDown();
                await(eight);
                return assistant(aiId, "normal");
            });
            members.add(new Team.Member(SequentialIds.id(1000 + i), "", aiId, List.of()));
            members.add(new Team.Member(SequentialIds.id(1100 + i), "", aiId, List.of()));
        }
        bench.ai.know(talk(Ids.ZERO));
        bench.ai.know(new Team(Bench.TEAM, SequentialIds.id(1000), members));

        var prepared = bench.prepare(call(ReferenceType.AI_CALL, ""), (name, task) -> {
            started.incrementAndGet();
            Threads.VIRTUAL.start(name, task);
        });

        assertThat(Objects.requireNonNull(prepared.assistance().team()).members())
                .hasSize(40);
        assertThat(started).hasValue(8);
        assertThat(bench.ai.asked()).hasSize(22).doesNotHaveDuplicates();
        assertThat(bench.clock.pendingAlarms()).isZero();
    }

    @Test
    @Timeout(60)
    void members_that_take_too_long_together_are_not_waited_for() throws InterruptedException {
        var never = new CountDownLatch(1);
        bench.ai.know(talk(Ids.ZERO));
        bench.ai.know(team(DESK, SALES));
        bench.ai.know(assistant(DESK_AI, "normal"));
        bench.ai.answerAi(SALES_AI, () -> {
            await(never);
            return assistant(SALES_AI, "normal");
        });
        var preparing = CompletableFuture.supplyAsync(
                this::prepare, task -> Thread.ofVirtual().start(task));
        bench.ai.awaitAsked(4);

        bench.clock.advance(Duration.ofMillis(3_900));

        assertThatThrownBy(preparing::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        ManagerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                .hasMessageContaining("of 2 assistants were looked up in 3900 ms");
        never.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
