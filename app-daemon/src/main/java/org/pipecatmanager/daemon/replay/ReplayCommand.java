package org.pipecatmanager.daemon.replay;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.tape.Entry;
import org.pipecatmanager.daemon.tape.Kind;
import org.pipecatmanager.daemon.tape.TapeReader;
import org.pipecatmanager.daemon.tape.TapeWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Plays a tape back and says what came out differently. Exit codes: 0 nothing, 1 something, or it cannot be played, 2 wrong usage. */
@Command(
        name = "replay",
        description =
                "Play a tape (TAPE_DIR) to an engine of this version, in virtual time, and compare what comes out.",
        mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
    private final PrintStream out;
    private final PrintStream err;

    @Parameters(index = "0", paramLabel = "FILE", description = "the tape, <id>.tape")
    private Path file = Path.of("");

    @Option(names = "--against", paramLabel = "FILE", description = "compare with this tape instead of the one played")
    private @Nullable Path against;

    @Option(names = "--write", paramLabel = "FILE", description = "write the tape of the replay")
    private @Nullable Path written;

    @Option(
            names = "--digests",
            description =
                    "write digests in the place of the sound that the daemon sent: half the size, to compare with")
    private boolean digests;

    /** Prints to these. */
    public ReplayCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    @Override
    public Integer call() {
        try {
            List<Entry> tape = TapeReader.read(file);
            List<Entry> now = Replay.of(tape);
            if (written != null) {
                write(now, written);
            }
            return tell(tape, Comparison.of(against == null ? tape : TapeReader.read(against), now));
        } catch (IOException | IllegalArgumentException e) {
            err.println("error: " + file + " cannot be replayed: " + e.getMessage());
            return 1;
        }
    }

    private void write(List<Entry> tape, Path file) throws IOException {
        try (TapeWriter writer = new TapeWriter(Files.newOutputStream(file))) {
            for (Entry entry : tape) {
                writer.write(digests ? Digests.of(entry) : entry);
            }
        }
    }

    private int tell(List<Entry> tape, Comparison comparison) {
        Entry header = tape.getFirst();
        out.printf(
                "call %s of %s, taped by %s, %.1f s%n",
                header.text("call"),
                header.text("at"),
                header.text("version"),
                tape.getLast().nanos() / 1e9);
        tape.stream()
                .filter(entry -> entry.kind() == Kind.LOST || entry.kind() == Kind.FULL)
                .forEach(entry -> err.printf(
                        "warning: the tape is not whole: %s at %.1f s%n",
                        entry.kind().wireName(), entry.nanos() / 1e9));
        comparison
                .strands()
                .forEach((strand, counts) -> out.printf(
                        "%-15s %5d on the tape, %5d now, %d differ%n",
                        strand.label(), counts.taped(), counts.now(), counts.differing()));
        comparison.differences().forEach(out::println);
        out.println(comparison.isSame() ? "the same" : "DIFFERENT");
        return comparison.isSame() ? 0 : 1;
    }
}
