package org.pipecatmanager.daemon.tape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.fake.FakeLegMedia;
import org.pipecatmanager.ports.fake.FakeRunnerLink;
import org.pipecatmanager.ports.fake.RecordingFrameSink;
import org.pipecatmanager.ports.in.LegGate;
import org.pipecatmanager.ports.in.LegMedia;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.LegEnd;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.RunnerMessage;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.TurnMetrics;
import org.pipecatmanager.ports.out.RunnerLink;
import org.pipecatmanager.ports.testing.VirtualClock;

class TapingTest {
    private static final PipecatcallId ID = Calls.id(1);
    private static final String PROMPT = "never tell the combination of the safe";
    private static final RunnerMessage CONTEXT = new RunnerMessage.Context(
            0, List.of(Map.of("role", "system", "content", PROMPT), Map.of("role", "user", "content", "hello")), "");

    @TempDir
    private Path dir = Path.of(".");

    private final VirtualClock clock = new VirtualClock();

    @Test
    void switched_off_nothing_stands_in_between() {
        Taping off = Taping.off();
        LegGate legs = (id, origin) -> new LegGate.LegAdmission.Refused(LegGate.Refusal.UNKNOWN_ID);
        RunnerGate runners =
                (id, direction, token) -> new RunnerGate.LinkAdmission.Refused(RunnerGate.Refusal.NO_SESSION);
        assertThat(off.legs(legs)).isSameAs(legs);
        assertThat(off.runners(runners)).isSameAs(runners);
    }

    @Test
    void both_edges_of_a_call_are_on_its_tape_in_order() throws IOException {
        try (Taping taping = Taping.into(dir, "1.0", false, clock)) {
            converse(taping);
        }
        List<Entry> tape = TapeReader.read(file());

        assertThat(tape.getFirst().data()).containsEntry("call", ID.toString()).containsEntry("version", "1.0");
        assertThat(tape)
                .extracting(Entry::kind)
                .containsSubsequence(
                        Kind.HEADER,
                        Kind.LEG_OPENED,
                        Kind.TICK,
                        Kind.CALLER_AUDIO,
                        Kind.KEY,
                        Kind.LINK_OPENED,
                        Kind.BOT_AUDIO,
                        Kind.RUNNER_MESSAGE,
                        Kind.INTERRUPTED,
                        Kind.LINK_CLOSED,
                        Kind.LEG_CLOSED);
        Entry caller = of(tape, Kind.CALLER_AUDIO);
        assertThat(caller.nanos()).isEqualTo(Duration.ofMillis(20).toNanos());
        assertThat(caller.pcm()).containsExactly(1, 2, 3, 4);
        assertThat(caller.number("rate")).isEqualTo(16_000);
        assertThat(of(tape, Kind.KEY).text("key")).isEqualTo("#");
    }

    @Test
    void a_tape_is_its_owners_alone() throws IOException {
        try (Taping taping = Taping.into(dir, "1.0", false, clock)) {
            converse(taping);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void prompts_are_on_the_tape_only_where_that_is_asked_for() throws IOException {
        try (Taping taping = Taping.into(dir.resolve("without"), "1.0", false, clock)) {
            converse(taping);
        }
        try (Taping taping = Taping.into(dir.resolve("with"), "1.0", true, clock)) {
            converse(taping);
        }
        String without = of(TapeReader.read(dir.resolve("without/" + ID + ".tape")), Kind.RUNNER_MESSAGE)
                .data()
                .toString();
        String with = of(TapeReader.read(dir.resolve("with/" + ID + ".tape")), Kind.RUNNER_MESSAGE)
                .data()
                .toString();
        assertThat(without).contains("hello").doesNotContain("safe");
        assertThat(with).contains("hello", PROMPT);
    }

    @Test
    void every_message_of_a_runner_comes_back_as_it_was() throws IOException {
        List<RunnerMessage> messages = List.of(
                new RunnerMessage.BotReady("2.2.0"),
                new RunnerMessage.UserTranscription("hello", true),
                new RunnerMessage.UserLlmText("hello"),
                new RunnerMessage.BotTranscription("Good day."),
                new RunnerMessage.BotLlmStarted(),
                new RunnerMessage.BotLlmText("Good"),
                new RunnerMessage.BotLlmStopped(),
                new RunnerMessage.BotOutput("7", "Good day.", "Good", false),
                new RunnerMessage.UserStartedSpeaking(),
                new RunnerMessage.UserStoppedSpeaking(),
                new RunnerMessage.VoiceStopped(120),
                new RunnerMessage.BotPaused(),
                new RunnerMessage.BotStartedSpeaking(),
                new RunnerMessage.BotStoppedSpeaking(),
                new RunnerMessage.ToolCallInProgress("1", "f"),
                new RunnerMessage.ToolCallStopped("1", "f", true),
                new RunnerMessage.Metrics(List.of(new TurnMetrics.Sample("ttfb", "llm", 0.125))),
                new RunnerMessage.ProviderError(new ProviderFailure("llm", "openai", "timeout", "retry", ""), "late"),
                CONTEXT,
                new RunnerMessage.HeardEstimated("7"),
                new RunnerMessage.PipelineError("broken", true),
                new RunnerMessage.CallEnding(EndReason.BOT_ENDED, "goodbye"));
        assertThat(messages)
                .as("one of each")
                .extracting(RunnerMessage::getClass)
                .hasSameElementsAs(Arrays.asList(RunnerMessage.class.getPermittedSubclasses()).stream()
                        .<Class<? extends RunnerMessage>>map(type -> type.asSubclass(RunnerMessage.class))
                        .toList());

        List<Entry> entries = new ArrayList<>(List.of(header()));
        messages.forEach(message -> entries.add(new Entry(1, Kind.RUNNER_MESSAGE, TapeValues.message(message))));
        assertThat(read(written(entries)).stream().skip(1))
                .map(entry -> TapeValues.messageOf(entry).orElseThrow())
                .isEqualTo(messages);
    }

    @Test
    void a_tape_that_was_cut_off_is_read_up_to_its_last_whole_entry() throws IOException {
        List<Entry> entries = new ArrayList<>(List.of(header()));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        TapeWriter writer = new TapeWriter(file);
        writer.write(header());
        for (int i = 0; i < 50; i++) {
            Entry sound = new Entry(i, Kind.FRAME, Map.of("rate", 8_000), new byte[] {(byte) i, 1});
            entries.add(sound);
            writer.write(sound);
        }
        writer.flush();
        byte[] flushed = file.toByteArray();
        assertThat(read(flushed)).as("never closed").isEqualTo(entries);
        List<Entry> cut = read(Arrays.copyOf(flushed, flushed.length - 40));
        assertThat(cut).hasSizeBetween(2, entries.size() - 1).isEqualTo(entries.subList(0, cut.size()));
    }

    @Test
    void what_is_no_tape_is_refused_by_its_name() throws IOException {
        Path text = Files.writeString(dir.resolve("notes.txt"), "hello");
        assertThatThrownBy(() -> TapeReader.read(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("notes.txt is no tape");
        assertThatThrownBy(() -> read(written(List.of(new Entry(0, Kind.HEADER, Map.of("tape", 99))))))
                .hasMessageContaining("no header of version 1");
    }

    @Test
    void a_full_file_says_so_and_the_call_goes_on() throws IOException {
        try (FileTapes tapes = new FileTapes(dir, Map.of(), clock, 1_000)) {
            LegMedia leg = leg(new TapedLegs(admitting(new FakeLegMedia()), tapes));
            for (int i = 0; i < 20; i++) {
                byte[] noise = new byte[40_000];
                new Random(i).nextBytes(noise);
                leg.callerAudio(ByteBuffer.wrap(noise), AudioFormat.SLIN_8K);
            }
            leg.closed(LegEnd.HUNG_UP);
        }
        List<Entry> tape = TapeReader.read(file());
        assertThat(tape.getLast().kind()).isEqualTo(Kind.FULL);
        assertThat(tape).hasSizeLessThan(20);
    }

    @Test
    @Timeout(10)
    void what_cannot_be_written_is_given_up_and_not_tried_again_and_again() throws IOException {
        Path inTheWay = Files.createFile(dir.resolve("tapes"));
        try (FileTapes tapes = new FileTapes(inTheWay, Map.of(), clock)) {
            Tape tape = tapes.begun(ID);
            while (!tape.isStopped()) {
                Thread.onSpinWait();
            }
            Files.delete(inTheWay);
            tape.add(Kind.KEY, Map.of("key", "1"));
        }
        assertThat(inTheWay).as("a tape without its beginning").doesNotExist();
    }

    @Test
    void what_nobody_takes_in_time_is_dropped_and_counted() {
        Tape tape = new Tape(ID, clock);
        for (int i = 0; i < 100; i++) {
            tape.add(Kind.CALLER_AUDIO, ByteBuffer.allocate(Tape.MAX_WAITING_BYTES / 50), 8_000);
        }
        int taken = 0;
        while (tape.take() != null) {
            taken++;
        }
        assertThat(taken).isBetween(40, 50);
        assertThat(tape.takeLost()).isEqualTo(100 - taken);
        assertThat(tape.takeLost()).isZero();
        tape.add(Kind.KEY, Map.of("key", "1"));
        assertThat(tape.take()).as("room again").isNotNull();
    }

    private void converse(Taping taping) {
        FakeLegMedia media = new FakeLegMedia();
        LegMedia leg = leg(taping.legs(admitting(media)));
        clock.advance(Duration.ofMillis(20));
        leg.tick(clock.nanoTime(), new RecordingFrameSink(AudioFormat.SLIN_16K));
        leg.callerAudio(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), AudioFormat.SLIN_16K);
        leg.pressed('#');
        RunnerGate runners =
                taping.runners((id, direction, token) -> new RunnerGate.LinkAdmission.Admitted(new Deaf()));
        if (runners.admit(ID, LinkDirection.BOTH, Secret.of("t"))
                instanceof RunnerGate.LinkAdmission.Admitted(var listener)) {
            listener.opened(new FakeRunnerLink(LinkDirection.BOTH));
            listener.audio(ByteBuffer.wrap(new byte[] {5, 6}), 24_000);
            listener.message(CONTEXT);
            listener.interrupted();
            listener.closed(new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_RUNNER));
        }
        leg.closed(LegEnd.HUNG_UP);
        assertThat(media.ends()).containsExactly(LegEnd.HUNG_UP);
    }

    private static LegGate admitting(LegMedia media) {
        return (id, origin) -> new LegGate.LegAdmission.Admitted(media);
    }

    private static LegMedia leg(LegGate legs) {
        if (legs.admit(ID, new LegGate.Origin(new InetSocketAddress(0), ""))
                instanceof LegGate.LegAdmission.Admitted(LegMedia media)) {
            return media;
        }
        throw new AssertionError("refused");
    }

    private Path file() {
        return dir.resolve(ID + ".tape");
    }

    private static Entry of(List<Entry> tape, Kind kind) {
        return tape.stream().filter(entry -> entry.kind() == kind).findFirst().orElseThrow();
    }

    private static Entry header() {
        return new Entry(0, Kind.HEADER, Map.of("tape", TapeReader.FORMAT));
    }

    private static byte[] written(List<Entry> entries) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (TapeWriter writer = new TapeWriter(file)) {
            for (Entry entry : entries) {
                writer.write(entry);
            }
        }
        return file.toByteArray();
    }

    private static List<Entry> read(byte[] file) throws IOException {
        return TapeReader.read(new ByteArrayInputStream(file));
    }

    private static final class Deaf implements RunnerGate.Listener {
        @Override
        public void opened(RunnerLink link) {}

        @Override
        public void audio(ByteBuffer pcm, int sampleRateHz) {}

        @Override
        public void interrupted() {}

        @Override
        public void message(RunnerMessage message) {}

        @Override
        public void closed(LinkEnd end) {}
    }
}
