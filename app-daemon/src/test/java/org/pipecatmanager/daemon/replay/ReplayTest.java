package org.pipecatmanager.daemon.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.daemon.replay.Comparison.Strand;
import org.pipecatmanager.daemon.tape.Entry;
import org.pipecatmanager.daemon.tape.Kind;
import org.pipecatmanager.daemon.tape.TapeReader;
import picocli.CommandLine;

/**
 * A real conversation, taped: the bot greets, the caller interrupts, the bot answers, the caller hangs up. What the daemon made of it
 * then, this one makes of it now, to the sample. When that is meant to change, {@code replay FILE --write FILE --digests} brings the
 * tape to the new state, and its differences belong into the commit's message.
 */
class ReplayTest {
    private static final Path INTERRUPTION = tape("interruption.tape");

    @TempDir
    private Path dir = Path.of(".");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void a_conversation_with_an_interruption_is_what_it_was() throws IOException {
        List<Entry> tape = TapeReader.read(INTERRUPTION);
        Comparison comparison = Comparison.of(tape, Replay.of(tape));

        assertThat(comparison.differences()).isEmpty();
        assertThat(comparison.strands())
                .hasEntrySatisfying(
                        Strand.CALLER_HEARS, counts -> assertThat(counts.now()).isGreaterThan(300));
        assertThat(tape).as("what makes it worth keeping").anyMatch(entry -> entry.kind() == Kind.FLUSHED);
    }

    @Test
    void the_same_tape_gives_the_same_bytes() throws IOException {
        Path first = dir.resolve("first");
        Path second = dir.resolve("second");
        assertThat(run(INTERRUPTION.toString(), "--write", first.toString())).isZero();
        assertThat(run(INTERRUPTION.toString(), "--write", second.toString())).isZero();
        assertThat(first).hasSameBinaryContentAs(second);
        assertThat(run(first.toString(), "--against", INTERRUPTION.toString()))
                .as("a replay is a tape")
                .isZero();
    }

    @Test
    void a_caller_who_is_not_let_interrupt_hears_something_else_and_it_says_when() throws IOException {
        List<Entry> tape = TapeReader.read(INTERRUPTION);
        Entry interruption = tape.stream()
                .filter(entry -> entry.kind() == Kind.INTERRUPTED)
                .findFirst()
                .orElseThrow();
        List<Entry> without =
                tape.stream().filter(entry -> entry.kind() != Kind.INTERRUPTED).toList();

        Comparison comparison = Comparison.of(tape, Replay.of(without));
        assertThat(comparison.isSame()).isFalse();
        assertThat(comparison.differences())
                .filteredOn(difference -> difference.strand() == Strand.CALLER_HEARS)
                .first()
                .satisfies(difference -> assertThat(difference.nanos()).isGreaterThan(interruption.nanos()));
        assertThat(comparison.differences())
                .extracting(Comparison.Difference::toString)
                .anyMatch(line -> line.contains("bot_interrupted"));
    }

    @Test
    void sound_that_differs_by_a_sample_is_found() {
        Entry before = new Entry(20_000_000, Kind.FRAME, Map.of("rate", 8_000), new byte[] {0, 0, 5, 0});
        Entry after = new Entry(20_000_000, Kind.FRAME, Map.of("rate", 8_000), new byte[] {0, 0, 2, 0});
        assertThat(Comparison.of(List.of(before), List.of(after)).differences())
                .singleElement()
                .hasToString(
                        "    +0.020 s  caller hears: number 1, sound differs from sample 1 on, by 3 of 32767 at most");
        assertThat(Comparison.of(List.of(Digests.of(before)), List.of(after)).isSame())
                .isFalse();
        assertThat(Comparison.of(List.of(Digests.of(before)), List.of(before)).isSame())
                .isTrue();
    }

    @Test
    void the_command_says_so_in_words_and_by_its_code() throws IOException {
        assertThat(run(INTERRUPTION.toString())).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("caller hears", "the same");

        assertThat(run(Files.writeString(dir.resolve("x"), "nothing").toString()))
                .isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("x is no tape");
    }

    private int run(String... arguments) {
        return new CommandLine(new ReplayCommand(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8)))
                .execute(arguments);
    }

    private static Path tape(String name) {
        return Path.of(Objects.requireNonNull(ReplayTest.class.getResource("/tapes/" + name))
                .getPath());
    }
}
