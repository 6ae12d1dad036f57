package org.pipecatmanager.ports.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;

/** Every {@link RunnerLauncher} passes this. */
@Timeout(60)
public interface RunnerLauncherContract {
    /** A launcher with short deadlines and a runner that is there and accepts every start. */
    Harness newHarness();

    /** A launcher and the runner at its other end. */
    interface Harness extends AutoCloseable {
        RunnerLauncher launcher();

        /** The runner answers starts with an error of this text from now on. */
        void refuse(String message);

        /** The runner answers starts that it cannot take them now, with this text. */
        void fillUp(String message);

        /** The runner is gone from now on. */
        void disappear();

        /** The calls the runner was asked to start, refused ones too. */
        List<PipecatcallId> started();

        /** The calls the runner was asked to stop. */
        List<PipecatcallId> stopped();

        @Override
        void close();
    }

    @Test
    default void a_start_returns_when_the_runner_has_accepted_it() {
        try (var harness = newHarness()) {
            harness.launcher().start(launch(1));
            assertThat(harness.started()).containsExactly(Calls.id(1));
        }
    }

    @Test
    default void a_refused_start_says_why_and_tells_no_secret() {
        try (var harness = newHarness()) {
            harness.refuse("there is no such voice");
            var failure = catchThrowableOfType(
                    RunnerException.class, () -> harness.launcher().start(launch(1)));
            assertThat(failure.kind()).isEqualTo(RunnerException.Kind.REFUSED);
            assertThat(failure).hasMessageContaining("there is no such voice");
            assertThat(failure.toString()).doesNotContain("the-token", "the-key");
        }
    }

    @Test
    default void a_runner_that_cannot_take_the_start_now_is_told_apart_from_one_that_refuses_it() {
        try (var harness = newHarness()) {
            harness.fillUp("20 of 20 calls");
            var failure = catchThrowableOfType(
                    RunnerException.class, () -> harness.launcher().start(launch(1)));
            assertThat(failure.kind()).isEqualTo(RunnerException.Kind.BUSY);
            assertThat(failure).hasMessageContaining("20 of 20 calls");
        }
    }

    @Test
    default void a_start_is_asked_for_once_even_when_it_is_refused() {
        try (var harness = newHarness()) {
            harness.refuse("no");
            assertThatThrownBy(() -> harness.launcher().start(launch(1))).isInstanceOf(RunnerException.class);
            assertThat(harness.started()).containsExactly(Calls.id(1));
        }
    }

    @Test
    default void a_runner_that_is_gone_is_unreachable_for_start_and_stop() {
        try (var harness = newHarness()) {
            harness.disappear();
            assertThat(catchThrowableOfType(
                                    RunnerException.class,
                                    () -> harness.launcher().start(launch(1)))
                            .kind())
                    .isEqualTo(RunnerException.Kind.UNREACHABLE);
            assertThat(catchThrowableOfType(
                                    RunnerException.class,
                                    () -> harness.launcher().stop(Calls.id(1)))
                            .kind())
                    .isEqualTo(RunnerException.Kind.UNREACHABLE);
        }
    }

    @Test
    default void a_stop_reaches_the_runner() {
        try (var harness = newHarness()) {
            harness.launcher().start(launch(1));
            harness.launcher().stop(Calls.id(1));
            assertThat(harness.stopped()).containsExactly(Calls.id(1));
        }
    }

    @Test
    default void stopping_what_is_not_there_is_fine() {
        try (var harness = newHarness()) {
            assertThatCode(() -> harness.launcher().stop(Calls.id(9))).doesNotThrowAnyException();
        }
    }

    @Test
    default void it_lists_the_providers_by_kind_while_the_runner_is_there() {
        try (var harness = newHarness()) {
            assertThat(harness.launcher().providers()).containsOnlyKeys("llm", "stt", "tts");
            harness.disappear();
            assertThat(catchThrowableOfType(
                                    RunnerException.class,
                                    () -> harness.launcher().providers())
                            .kind())
                    .isEqualTo(RunnerException.Kind.UNREACHABLE);
        }
    }

    @Test
    default void it_is_ready_while_the_runner_is_there() {
        try (var harness = newHarness()) {
            assertThat(harness.launcher().isReady()).isTrue();
            harness.disappear();
            assertThat(harness.launcher().isReady()).isFalse();
        }
    }

    private static RunnerLaunch launch(long n) {
        return new RunnerLaunch(
                Calls.starting(n),
                null,
                Secret.of("the-token"),
                Assistance.ofKey(Secret.of("the-key")),
                List.of(),
                AudioPlan.DEFAULT,
                Events.TRACE);
    }
}
