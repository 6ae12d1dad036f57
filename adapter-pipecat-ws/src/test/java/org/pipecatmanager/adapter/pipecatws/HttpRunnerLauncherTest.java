package org.pipecatmanager.adapter.pipecatws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.contract.Calls;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.contract.RunnerLauncherContract;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RunnerException;
import org.pipecatmanager.ports.out.RunnerLauncher;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HttpRunnerLauncherTest implements RunnerLauncherContract {
    @Override
    public Harness newHarness() {
        TestRunnerHttp runner = runner();
        return new Harness() {
            @Override
            public RunnerLauncher launcher() {
                return runner.launcher;
            }

            @Override
            public void refuse(String message) {
                runner.runStatus = 400;
                runner.runAnswer = JsonMapper.shared().writeValueAsString(Map.of("detail", message));
            }

            @Override
            public void fillUp(String message) {
                refuse(message);
                runner.runStatus = 503;
            }

            @Override
            public void disappear() {
                runner.disappear();
            }

            @Override
            public List<PipecatcallId> started() {
                return runner.runs.stream()
                        .map(body -> PipecatcallId.parse(
                                JsonMapper.shared().readTree(body).path("id").stringValue()))
                        .toList();
            }

            @Override
            public List<PipecatcallId> stopped() {
                return runner.stops.stream()
                        .map(query -> PipecatcallId.parse(query.substring("id=".length())))
                        .toList();
            }

            @Override
            public void close() {
                runner.close();
            }
        };
    }

    private static TestRunnerHttp runner() {
        try {
            return new TestRunnerHttp();
        } catch (IOException e) {
            throw new UncheckedIOException("the test's runner did not start", e);
        }
    }

    private static RunnerLaunch launch() {
        return new RunnerLaunch(
                Calls.starting(1),
                null,
                Secret.of("the-token"),
                Assistance.ofKey(Secret.of("the-key")),
                List.of(),
                AudioPlan.DEFAULT,
                Events.TRACE);
    }

    @Test
    void a_list_of_providers_that_cannot_be_read_is_refused_with_the_address() {
        try (TestRunnerHttp runner = runner()) {
            runner.providers = "<html>";
            assertThatThrownBy(() -> runner.launcher.providers())
                    .isInstanceOf(RunnerException.class)
                    .hasMessageContaining("/providers answered something that is no JSON object");
        }
    }

    @Test
    void a_start_carries_the_addresses_of_the_call_and_both_tokens_where_they_belong() {
        try (TestRunnerHttp runner = runner()) {
            runner.launcher.start(launch());
            JsonNode run = JsonMapper.shared().readTree(runner.runs.getFirst());
            JsonNode link = run.path("link");
            String call = "//10.0.0.1:8080/" + Calls.id(1);
            assertThat(link.path("ws_url").stringValue()).isEqualTo("ws:" + call + "/ws");
            assertThat(link.path("tools_url").stringValue()).isEqualTo("http:" + call + "/tools");
            assertThat(link.path("member_switched_url").stringValue()).isEqualTo("http:" + call + "/member-switched");
            assertThat(link.path("token").stringValue()).isEqualTo("the-token");
            assertThat(run.path("traceparent").stringValue()).isEqualTo(Events.TRACE.traceparent());
            assertThat(runner.tokens).containsExactly("Bearer runner-token");
        }
    }

    @Test
    void what_the_runner_says_is_bounded_and_schema_errors_that_quote_input_are_left_out() {
        try (TestRunnerHttp runner = runner()) {
            runner.runStatus = 422;
            runner.runAnswer = "{\"detail\":[{\"input\":\"the-key\"}]}";
            assertThat(catchThrowableOfType(RunnerException.class, () -> runner.launcher.start(launch())))
                    .hasMessageEndingWith("/run answered 422");
            runner.runStatus = 503;
            runner.runAnswer = JsonMapper.shared().writeValueAsString(Map.of("detail", "x".repeat(5_000)));
            assertThat(catchThrowableOfType(RunnerException.class, () -> runner.launcher.start(launch()))
                            .toString()
                            .length())
                    .isLessThan(500);
        }
    }

    @ParameterizedTest
    @CsvSource({"400,REFUSED", "401,REFUSED", "409,BUSY", "422,REFUSED", "502,REFUSED", "503,BUSY", "504,REFUSED"})
    void a_runner_that_is_full_or_still_holds_the_id_is_busy(int status, RunnerException.Kind kind) {
        try (TestRunnerHttp runner = runner()) {
            runner.runStatus = status;
            assertThat(catchThrowableOfType(RunnerException.class, () -> runner.launcher.start(launch()))
                            .kind())
                    .isEqualTo(kind);
        }
    }

    @Test
    void the_address_to_come_back_to_is_the_one_of_the_moment() {
        try (TestRunnerHttp runner = runner()) {
            runner.advertised = URI.create("http://10.0.0.2:9090");
            runner.launcher.start(launch());
            assertThat(runner.runs).singleElement().asString().contains("ws://10.0.0.2:9090/", "http://10.0.0.2:9090/");
        }
    }

    @Test
    void a_runner_that_warms_up_is_not_ready_and_no_runner_is_unreachable() {
        try (TestRunnerHttp runner = runner()) {
            runner.health = "{\"status\":\"warming\"}";
            assertThat(runner.launcher.isReady()).isFalse();
        }
        try (var launcher =
                new HttpRunnerLauncher(Optional::empty, Secret.of(""), () -> URI.create("http://127.0.0.1:8080"))) {
            assertThat(launcher.isReady()).isFalse();
            assertThat(catchThrowableOfType(RunnerException.class, () -> launcher.stop(Calls.id(1)))
                            .kind())
                    .isEqualTo(RunnerException.Kind.UNREACHABLE);
        }
    }
}
