package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Audio;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Command;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Flushed;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Playout;
import org.pipecatmanager.ports.fake.FakeRunnerLink.Sent;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.LinkEnd;
import org.pipecatmanager.ports.model.RunnerCommand;
import org.pipecatmanager.ports.out.RunnerLink;

/** Every {@link RunnerLink} passes this. No method may block: a link that does runs into the time limit. */
@Timeout(60)
public interface RunnerLinkContract {
    /** An open link both ways and a runner that takes what is sent. */
    Harness newHarness();

    /** A link and the runner at its other end. */
    interface Harness extends AutoCloseable {
        RunnerLink link();

        /**
         * Waits until that many things were received.
         *
         * @return everything received, in order, one {@code Audio} per call of {@link RunnerLink#audio}
         */
        List<Sent> received(int count);

        /** The runner stops reading. */
        void stall();

        /** The runner reads on. */
        void resume();

        /** Chunks of 20 ms at 16 kHz that surely fill everything between link and stalled runner, and its bound. */
        int chunksThatOverrun();

        /** Commands that surely do. */
        int commandsThatOverrun();

        /** The runner closes with 1000. */
        void runnerCloses();

        /** Waits until the listener heard of the end, for a bounded time. */
        LinkEnd awaitEnd();

        /** How often the listener heard of the end so far. */
        int ends();

        @Override
        void close();
    }

    @Test
    default void the_link_knows_its_direction() {
        try (var harness = newHarness()) {
            assertThat(harness.link().direction()).isEqualTo(LinkDirection.BOTH);
        }
    }

    @Test
    default void everything_arrives_in_the_order_it_was_sent() {
        try (var harness = newHarness()) {
            var link = harness.link();
            link.send(new RunnerCommand.ClientReady());
            link.audio(chunk(1), 0, 320, 16_000);
            link.send(new RunnerCommand.SendText("Grüße 😀", true, false));
            link.playout(0, 400, 0);
            link.audio(chunk(2), 0, 320, 16_000);
            link.flushed(1840, 260, 2500);
            link.send(new RunnerCommand.PressKey('#'));
            link.send(new RunnerCommand.Interrupt());
            link.playoutAndAudio(2140, 2540, 20, chunk(3), 0, 320, 16_000);

            var received = harness.received(10);
            assertThat(received).hasSize(10);
            assertThat(received.get(0)).isEqualTo(new Command(new RunnerCommand.ClientReady()));
            assertThat(number(received.get(1))).isEqualTo(1);
            assertThat(received.get(2)).isEqualTo(new Command(new RunnerCommand.SendText("Grüße 😀", true, false)));
            assertThat(received.get(3)).isEqualTo(new Playout(0, 400, 0));
            assertThat(number(received.get(4))).isEqualTo(2);
            assertThat(received.get(5)).isEqualTo(new Flushed(1840, 260, 2500));
            assertThat(received.get(6)).isEqualTo(new Command(new RunnerCommand.PressKey('#')));
            assertThat(received.get(7)).isEqualTo(new Command(new RunnerCommand.Interrupt()));
            assertThat(received.get(8)).isEqualTo(new Playout(2140, 2540, 20));
            assertThat(number(received.get(9))).isEqualTo(3);
        }
    }

    @Test
    default void audio_is_the_given_part_of_the_array_with_every_value_and_its_rate() {
        try (var harness = newHarness()) {
            var samples = new short[] {9, Short.MIN_VALUE, -1, 0, 1, Short.MAX_VALUE, 9};
            harness.link().audio(samples, 1, 5, 8_000);
            assertThat(harness.received(1)).singleElement().isInstanceOfSatisfying(Audio.class, audio -> {
                assertThat(audio.samples()).containsExactly(Short.MIN_VALUE, -1, 0, 1, Short.MAX_VALUE);
                assertThat(audio.sampleRateHz()).isEqualTo(8_000);
            });
        }
    }

    @Test
    default void the_callers_array_may_be_used_again_at_once() {
        try (var harness = newHarness()) {
            harness.stall();
            var samples = chunk(7);
            harness.link().audio(samples, 0, samples.length, 16_000);
            Arrays.fill(samples, (short) 0);
            harness.resume();
            assertThat(number(harness.received(1).getFirst())).isEqualTo(7);
        }
    }

    @Test
    default void a_stalled_runner_loses_the_oldest_audio_and_no_command() {
        try (var harness = newHarness()) {
            int chunks = harness.chunksThatOverrun();
            harness.stall();
            for (int i = 1; i <= chunks; i++) {
                harness.link().audio(chunk(i), 0, 320, 16_000);
                if (i % (chunks / 10) == 0) {
                    harness.link().send(text(i));
                }
            }
            harness.link().send(text(0));
            harness.resume();

            var audio = new ArrayList<Integer>();
            var commands = new ArrayList<Sent>();
            int wanted = 1;
            while (!commands.contains(new Command(text(0)))) {
                var received = harness.received(wanted);
                wanted = received.size() + 1;
                audio.clear();
                commands.clear();
                for (var one : received) {
                    if (one instanceof Audio) {
                        audio.add(number(one));
                    } else {
                        commands.add(one);
                    }
                }
            }
            var expected = new ArrayList<Sent>();
            for (int i = 1; i <= chunks; i++) {
                if (i % (chunks / 10) == 0) {
                    expected.add(new Command(text(i)));
                }
            }
            expected.add(new Command(text(0)));
            assertThat(commands).isEqualTo(expected);
            assertThat(audio).as("some of %d chunks are lost", chunks).hasSizeLessThan(chunks);
            assertThat(audio).as("the order stays").isSorted().doesNotHaveDuplicates();
            assertThat(audio.getLast()).as("the newest is kept").isEqualTo(chunks);
        }
    }

    @Test
    default void a_runner_so_stalled_that_commands_cannot_be_kept_loses_its_link() {
        try (var harness = newHarness()) {
            harness.stall();
            for (int i = 0; i < harness.commandsThatOverrun(); i++) {
                harness.link().send(text(i));
            }
            assertThat(harness.awaitEnd().cause()).isEqualTo(LinkEnd.Cause.STALLED);
            assertThat(harness.ends()).isEqualTo(1);
        }
    }

    @Test
    default void closing_is_heard_once_and_closing_again_is_a_no_op() {
        try (var harness = newHarness()) {
            harness.link().close();
            harness.link().close();
            assertThat(harness.awaitEnd()).isEqualTo(new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_US));
            harness.link().close();
            assertThat(harness.ends()).isEqualTo(1);
        }
    }

    @Test
    default void what_is_sent_to_a_closed_link_is_dropped_without_a_word() {
        try (var harness = newHarness()) {
            harness.link().close();
            harness.awaitEnd();
            assertThatCode(() -> {
                        harness.link().audio(chunk(1), 0, 320, 16_000);
                        harness.link().send(text(1));
                        harness.link().playout(0, 400, 0);
                        harness.link().flushed(0, 0, 400);
                    })
                    .doesNotThrowAnyException();
        }
    }

    @Test
    default void a_runner_that_closes_is_heard_once() {
        try (var harness = newHarness()) {
            harness.runnerCloses();
            assertThat(harness.awaitEnd()).isEqualTo(new LinkEnd(1000, LinkEnd.Cause.CLOSED_BY_RUNNER));
            harness.link().close();
            assertThat(harness.ends()).isEqualTo(1);
        }
    }

    private static RunnerCommand.SendText text(int n) {
        return new RunnerCommand.SendText("text " + n, false, false);
    }

    /** 20 ms at 16 kHz that carry a number in their first two samples. */
    private static short[] chunk(int number) {
        var samples = new short[320];
        samples[0] = (short) (number / 10_000);
        samples[1] = (short) (number % 10_000);
        return samples;
    }

    private static int number(Sent chunk) {
        if (!(chunk instanceof Audio audio)) {
            throw new AssertionError("expected audio, received " + chunk);
        }
        assertThat(audio.samples()).hasSize(320);
        return audio.samples()[0] * 10_000 + audio.samples()[1];
    }
}
