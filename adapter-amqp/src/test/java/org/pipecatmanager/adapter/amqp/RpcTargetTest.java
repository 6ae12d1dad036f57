package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.pipecatmanager.adapter.amqp.RpcFailure.Why;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.testing.VirtualClock;

/** The breaker of a target, on a virtual clock, and how its answers are told. */
class RpcTargetTest {
    private static final String QUEUE = "q";
    private static final RpcCall PING = RpcCall.of("GET", "/v1/ping");

    private final VirtualClock clock = new VirtualClock();
    private final RecordingRpcMeter meter = new RecordingRpcMeter();
    private final ScriptedExchange exchange = new ScriptedExchange();
    private final RpcTarget target = new RpcTarget("t", exchange, meter, clock);

    @ParameterizedTest
    @EnumSource(
            value = Why.class,
            names = {"TIMED_OUT", "NO_QUEUE"})
    void five_failures_in_a_row_open_the_breaker_and_nobody_is_asked_any_more(Why why) {
        failing(why, 5);
        var refused = catchThrowableOfType(ManagerException.class, this::ask);
        assertThat(refused.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(refused)
                .hasMessage("t: GET /v1/ping on q was not sent: the last 5 requests were not answered;"
                        + " it is asked again 30 s after that");
        assertThat(exchange.asked).hasSize(5);
        assertThat(meter.lines).contains("moved t closed open").endsWith("rejected t");
    }

    @Test
    void an_answer_in_between_begins_the_count_anew() {
        failing(Why.TIMED_OUT, 4);
        exchange.json(Map.of());
        ask();
        failing(Why.TIMED_OUT, 4);
        assertThat(meter.lines).noneMatch(line -> line.startsWith("moved"));
        failing(Why.TIMED_OUT, 1);
        assertThat(meter.lines).contains("moved t closed open");
    }

    @Test
    void an_error_that_is_answered_never_opens_it() {
        for (int i = 0; i < 20; i++) {
            exchange.answer(500, "", null);
            assertThat(ask().statusCode()).isEqualTo(500);
        }
        assertThat(exchange.asked).hasSize(20);
    }

    @ParameterizedTest
    @EnumSource(
            value = Why.class,
            names = {"NO_BROKER", "TOO_MANY", "INTERRUPTED", "UNREADABLE"})
    void what_is_no_silence_of_the_target_never_opens_it(Why why) {
        failing(why, 20);
        assertThat(exchange.asked).hasSize(20);
    }

    @Test
    void after_thirty_seconds_one_request_probes_and_its_answer_closes_the_breaker() {
        failing(Why.TIMED_OUT, 5);
        clock.advance(Duration.ofMillis(29_999));
        assertThatThrownBy(this::ask).isInstanceOf(ManagerException.class);
        clock.advance(Duration.ofMillis(2));
        exchange.json(Map.of());
        ask();
        assertThat(exchange.asked).hasSize(6);
        assertThat(moves())
                .containsExactly("moved t closed open", "moved t open half-open", "moved t half-open closed");
    }

    @Test
    void a_probe_that_fails_opens_it_for_another_thirty_seconds() {
        failing(Why.TIMED_OUT, 5);
        clock.advance(Duration.ofMillis(30_001));
        failing(Why.TIMED_OUT, 1);
        assertThatThrownBy(this::ask).hasMessageContaining("was not sent");
        clock.advance(Duration.ofMillis(30_001));
        exchange.json(Map.of());
        ask();
        assertThat(moves())
                .containsExactly(
                        "moved t closed open",
                        "moved t open half-open",
                        "moved t half-open open",
                        "moved t open half-open",
                        "moved t half-open closed");
    }

    @Test
    void while_one_request_probes_another_is_not_sent() {
        failing(Why.TIMED_OUT, 5);
        clock.advance(Duration.ofMillis(30_001));
        exchange.during(() -> assertThatThrownBy(this::ask).hasMessageContaining("was not sent"));
        exchange.json(Map.of());
        ask();
        assertThat(exchange.asked).hasSize(6);
    }

    @Test
    void a_probe_that_never_left_leaves_the_place_to_the_next() {
        failing(Why.TIMED_OUT, 5);
        clock.advance(Duration.ofMillis(30_001));
        failing(Why.NO_BROKER, 3);
        exchange.json(Map.of());
        ask();
        assertThat(moves()).endsWith("moved t half-open closed");
    }

    @Test
    void queues_of_one_target_have_a_breaker_each_and_one_label() {
        failing(Why.TIMED_OUT, 5);
        exchange.json(Map.of());
        target.ask("other", PING, "/v1/ping", Duration.ofSeconds(1));
        assertThat(exchange.asked).hasSize(6);
        assertThat(meter.lines).allMatch(line -> line.contains(" t"));
    }

    @Test
    void no_more_queues_are_remembered_than_the_limit() {
        failing(Why.TIMED_OUT, 5);
        for (int i = 0; i < Breakers.MAX_QUEUES; i++) {
            exchange.json(Map.of());
            target.ask("other-" + i, PING, "/v1/ping", Duration.ofSeconds(1));
        }
        exchange.json(Map.of());
        assertThat(ask().isSuccess())
                .as("the queue asked for longest ago was forgotten")
                .isTrue();
    }

    @Test
    void every_request_that_was_sent_is_counted_by_its_pattern() {
        exchange.json(Map.of()).fail(Why.TIMED_OUT);
        target.ask(QUEUE, RpcCall.of("GET", "/v1/calls/17"), "/v1/calls/<call-id>", Duration.ofSeconds(1));
        assertThatThrownBy(() -> target.ask(
                        QUEUE, RpcCall.of("GET", "/v1/calls/18"), "/v1/calls/<call-id>", Duration.ofSeconds(1)))
                .isInstanceOf(ManagerException.class);
        assertThat(meter.lines)
                .containsExactly("requested t GET /v1/calls/<call-id> 0", "requested t GET /v1/calls/<call-id> 0");
    }

    @Test
    void an_error_says_who_was_asked_what_and_the_reason_made_for_programs() {
        var typed = new RpcAnswer(409, "voipbin_error", Map.of("reason", "CALL_ENDED", "message", "said the caller"));
        var refused = catchThrowableOfType(ManagerException.class, () -> target.succeeded(PING, typed));
        assertThat(refused).hasMessage("t: GET /v1/ping was answered 409 (CALL_ENDED)");
        assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
        var speaking = new RpcAnswer(500, "voipbin_error", Map.of("reason", "what the caller said"));
        assertThatThrownBy(() -> target.succeeded(PING, speaking)).hasMessage("t: GET /v1/ping was answered 500");
    }

    @Test
    void a_404_is_told_apart() {
        var refused = catchThrowableOfType(
                ManagerException.class, () -> target.succeeded(PING, new RpcAnswer(404, "", null)));
        assertThat(refused.kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void a_success_whose_data_is_no_object_cannot_be_read() {
        for (var data : List.of("text", List.of(), 7)) {
            var refused = catchThrowableOfType(
                    ManagerException.class, () -> target.read(PING, new RpcAnswer(200, "", data), map -> map));
            assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
            assertThat(refused).hasMessage("t: GET /v1/ping was answered 200 without a JSON object as data");
        }
    }

    private RpcAnswer ask() {
        return target.ask(QUEUE, PING, "/v1/ping", Duration.ofSeconds(1));
    }

    private void failing(Why why, int times) {
        for (int i = 0; i < times; i++) {
            exchange.fail(why);
            assertThatThrownBy(this::ask).isInstanceOf(ManagerException.class).hasMessageContaining("it failed as");
        }
    }

    private List<String> moves() {
        return meter.lines.stream().filter(line -> line.startsWith("moved")).toList();
    }
}
