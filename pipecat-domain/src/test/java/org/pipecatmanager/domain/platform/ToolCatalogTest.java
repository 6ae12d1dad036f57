package org.pipecatmanager.domain.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pipecatmanager.domain.platform.Bench.names;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.FakeAiManager;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.testing.VirtualClock;

/** The tools on offer. */
class ToolCatalogTest {
    private final VirtualClock clock = new VirtualClock();
    private final FakeAiManager ai = new FakeAiManager();
    private final List<Long> asked = new ArrayList<>();
    private final ToolCatalog catalog = new ToolCatalog(ai, clock, (name, task) -> task.run());

    @AfterEach
    void close() {
        catalog.close();
    }

    private void answer(String... tools) {
        ai.answerTools(() -> {
            noteTheSecond();
            return List.of(tools).stream().map(Bench::tool).toList();
        });
    }

    private void fail() {
        ai.answerTools(() -> {
            noteTheSecond();
            throw new ManagerException(Kind.UNREACHABLE, "the test's ai-manager is away", null);
        });
    }

    private void noteTheSecond() {
        asked.add(Duration.between(VirtualClock.START, clock.now()).toSeconds());
    }

    @Test
    void it_is_read_at_the_start_and_every_five_minutes() {
        answer("send_email");
        assertThat(catalog.tools()).isEmpty();
        catalog.start();
        assertThat(names(catalog.tools())).containsExactly("send_email");

        answer("send_message");
        clock.advance(Duration.ofSeconds(299));
        assertThat(names(catalog.tools())).containsExactly("send_email");
        clock.advance(Duration.ofSeconds(1));

        assertThat(names(catalog.tools())).containsExactly("send_message");
        assertThat(asked).containsExactly(0L, 300L);
    }

    @Test
    void while_it_cannot_be_read_attempts_become_rare() {
        fail();
        catalog.start();
        clock.advance(Duration.ofSeconds(700));
        assertThat(catalog.tools()).isEmpty();
        assertThat(asked).containsExactly(0L, 1L, 3L, 8L, 23L, 83L, 383L, 683L);
    }

    @Test
    void a_failure_keeps_what_there_is_and_a_success_begins_the_count_anew() {
        answer("send_email");
        catalog.start();
        fail();
        clock.advance(Duration.ofSeconds(303));
        assertThat(names(catalog.tools())).containsExactly("send_email");

        answer("send_message");
        clock.advance(Duration.ofSeconds(5));
        assertThat(names(catalog.tools())).containsExactly("send_message");
        fail();
        clock.advance(Duration.ofSeconds(302));

        assertThat(asked).containsExactly(0L, 300L, 301L, 303L, 308L, 608L, 609L);
        assertThat(names(catalog.tools())).containsExactly("send_message");
    }

    @Test
    void of_two_tools_of_one_name_the_first_is_taken() {
        ToolDefinition first = Bench.tool("send_email");
        ToolDefinition second = new ToolDefinition("send_email", "another", first.parameters(), true, false, null);
        ai.answerTools(() -> List.of(first, second));
        catalog.start();
        assertThat(catalog.tools()).containsExactly(first);
    }

    @Test
    void after_the_end_nobody_asks_and_what_there_is_stays() {
        answer("send_email");
        catalog.start();
        catalog.close();
        assertThat(clock.pendingAlarms()).isZero();
        assertThat(names(catalog.tools())).containsExactly("send_email");
    }
}
