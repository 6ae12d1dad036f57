package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    private Path dir = Path.of(".");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void check_config_prints_what_is_in_force_in_both_spellings_of_a_flag() throws IOException {
        assertThat(run(
                        Map.of(),
                        "--check-config",
                        "--max-sessions=7",
                        "--data_dir=d",
                        "--agents-file=" + agents("echo")))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("MAX_SESSIONS = 7  [flag]", "DATA_DIR = d  [flag]");
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void the_file_is_named_by_flag_or_environment() throws IOException {
        Path file =
                Files.writeString(dir.resolve("settings"), "max-sessions: 9\nagents-file: " + agents("echo") + "\n");
        assertThat(run(Map.of("CONFIG_FILE", file.toString()), "--check-config"))
                .isZero();
        assertThat(run(Map.of(), "--check-config", "--config", file.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).split("MAX_SESSIONS = 9", -1))
                .hasSize(3);
    }

    @Test
    void what_is_wrong_is_told_line_by_line_and_ends_with_1() throws IOException {
        assertThat(run(Map.of("MAX_SESSIONS", "many", "IDLE_TIMEOUT", "soon"), "--check-config"))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("error: "));
        assertThat(run(Map.of("AGENTS_FILE", agents("parrot").toString()), "--check-config"))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("agents.a.bot is 'parrot'");
    }

    private Path agents(String bot) throws IOException {
        return Files.writeString(dir.resolve(bot + ".yaml"), "agents: {a: {bot: " + bot + "}}\n");
    }

    private int run(Map<String, String> variables, String... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = "run";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Main.commandLine(
                        variables,
                        dir,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .execute(all);
    }
}
