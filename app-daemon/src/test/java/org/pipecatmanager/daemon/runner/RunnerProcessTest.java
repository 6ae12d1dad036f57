package org.pipecatmanager.daemon.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A shell script plays the runner; its port is its process id's last digits, so that each life has another. */
@Timeout(60)
class RunnerProcessTest {
    private static final Backoff QUICK =
            new Backoff(Duration.ofMillis(1), Duration.ofMillis(10), Duration.ofMinutes(1));
    /** Says where it listens, then waits for the end of its stdin and leaves a note. */
    private static final String GOOD = """
            echo $$ > "$DIR/pid"
            echo '{"level": "INFO", "message": "warm"}' >&2
            echo "{\\"event\\": \\"listening\\", \\"port\\": $((10000 + $$ % 50000))}"
            while read -r line; do :; done
            echo "$RUNNER_TOKEN" > "$DIR/ended"
            """;

    @TempDir
    private Path dir = Path.of(".");

    @Test
    void it_is_told_where_the_child_listens_and_ends_it_by_closing_its_stdin() throws Exception {
        RunnerProcess runner = runner(GOOD);
        runner.start();
        assertThat(runner.address()).contains(URI.create("http://127.0.0.1:" + (10000 + pid() % 50000)));
        runner.close();
        runner.close();
        assertThat(Files.readString(dir.resolve("ended"))).isEqualTo("tiger\n");
        assertThat(runner.address()).isEmpty();
    }

    @Test
    void a_child_that_dies_is_replaced_and_the_new_address_counts() throws Exception {
        try (RunnerProcess runner = runner(GOOD)) {
            runner.start();
            long first = pid();
            URI before = runner.address().orElseThrow();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            await(() -> runner.restarts() == 1 && runner.address().isPresent(), "the runner was started again");
            assertThat(pid()).isNotEqualTo(first);
            assertThat(runner.address().orElseThrow()).isNotEqualTo(before);
        }
    }

    @Test
    void a_child_that_ends_before_it_listens_fails_the_start() throws Exception {
        try (RunnerProcess runner = runner("exit 3")) {
            assertThatThrownBy(runner::start).isInstanceOf(IOException.class).hasMessageContaining("ended with code 3");
        }
    }

    @Test
    void a_command_that_is_not_there_is_named_with_the_way_out() throws Exception {
        try (RunnerProcess runner = new RunnerProcess(List.of("/no/such/python"), Map.of())) {
            assertThatThrownBy(runner::start)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("/no/such/python")
                    .hasMessageContaining("RUNNER_COMMAND");
        }
    }

    @Test
    void a_child_that_was_never_started_is_closed_without_ado() {
        RunnerProcess runner = runner(GOOD);
        runner.close();
        assertThat(runner.address()).isEmpty();
    }

    @Test
    void pauses_double_up_to_the_longest_and_start_anew_after_a_run_that_lasted() {
        Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofMinutes(1));
        Duration pause = backoff.after(Duration.ZERO, Duration.ZERO);
        assertThat(pause).isEqualTo(Duration.ofSeconds(1));
        pause = backoff.after(backoff.after(backoff.after(pause, Duration.ZERO), Duration.ZERO), Duration.ZERO);
        assertThat(pause).isEqualTo(Duration.ofSeconds(5));
        assertThat(backoff.after(pause, Duration.ofMinutes(2))).isEqualTo(Duration.ofSeconds(1));
    }

    private RunnerProcess runner(String script) {
        return new RunnerProcess(
                List.of("sh", "-c", script), Map.of("DIR", dir.toString(), "RUNNER_TOKEN", "tiger"), QUICK);
    }

    private long pid() throws IOException {
        return Long.parseLong(Files.readString(dir.resolve("pid")).strip());
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("until %s", what).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }
}
