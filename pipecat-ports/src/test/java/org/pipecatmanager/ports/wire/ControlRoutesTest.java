package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.fake.FakeControl;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.in.PipecatcallControl.Reach;
import org.pipecatmanager.ports.model.SpokenMessage;
import org.pipecatmanager.ports.model.SpokenMessage.Speaker;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.model.Turn;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.testing.VirtualClock;
import org.pipecatmanager.ports.wire.ControlRoutes.BadId;
import org.pipecatmanager.ports.wire.ControlRoutes.Found;
import org.pipecatmanager.ports.wire.ControlRoutes.Kind;
import org.pipecatmanager.ports.wire.ControlRoutes.Miss;
import org.pipecatmanager.ports.wire.ControlRoutes.OtherMethod;
import org.pipecatmanager.ports.wire.ControlRoutes.Unknown;

class ControlRoutesTest {
    private static final String ID = Samples.ID.toString();

    private final FakeControl control = new FakeControl("10.0.0.7");
    private final ControlRoutes rpc = ControlRoutes.forRpc(control);
    private final ControlRoutes http = ControlRoutes.forHttp(control, new SequentialIds());

    @ParameterizedTest
    @CsvSource({
        "POST, /v1/pipecatcalls, START, /v1/pipecatcalls",
        "GET, /v1/pipecatcalls, LOOKUP, /v1/pipecatcalls",
        "GET, /v1/pipecatcalls?page_size=1&x=/v1/ping, LOOKUP, /v1/pipecatcalls",
        "GET, /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10, LOOKUP, /v1/pipecatcalls/<pipecatcall-id>",
        "POST, /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/stop, STOP, /v1/pipecatcalls/<pipecatcall-id>/stop",
        "GET, /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/messages, LOOKUP,"
                + " /v1/pipecatcalls/<pipecatcall-id>/messages",
        "GET, /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10/turns, LOOKUP,"
                + " /v1/pipecatcalls/<pipecatcall-id>/turns",
        "POST, /v1/messages, MESSAGE, /v1/messages",
        "GET, /v1/providers, LOOKUP, /v1/providers",
        "GET, /v1/ping?, PING, /v1/ping"
    })
    void every_route_is_found_over_rpc_and_http_with_its_kind_and_label(
            String method, String uri, Kind kind, String label) {
        for (var routes : List.of(rpc, http)) {
            assertThat(routes.match(method, uri)).isInstanceOfSatisfying(Found.class, found -> {
                assertThat(found.kind()).isEqualTo(kind);
                assertThat(found.label()).isEqualTo(label);
            });
        }
    }

    @Test
    void over_rpc_a_path_is_anchored_at_its_end_only() {
        assertThat(rpc.match("GET", "/anything/v1/ping")).isInstanceOf(Found.class);
        assertThat(http.match("GET", "/anything/v1/ping")).isInstanceOf(Unknown.class);
        assertThat(rpc.match("GET", "/v1/ping/more")).isInstanceOf(Unknown.class);
        assertThat(rpc.match("GET", "/v1/ping\n")).isInstanceOf(Unknown.class);
    }

    @Test
    void the_id_is_the_fourth_part_of_the_path() {
        assertThat(rpc.match("GET", "/x/v1/pipecatcalls/" + ID)).isInstanceOf(BadId.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0D5F1F2E-7C1A-4A53-9C0E-3F5D8C6B7A10",
                "00000000-0000-0000-0000-000000000000",
                "0d5f1f2e7c1a4a539c0e3f5d8c6b7a10",
                "7"
            })
    void a_bad_id_is_no_route_and_the_refusal_says_what_an_id_looks_like(String id) {
        assertThat(rpc.match("GET", "/v1/pipecatcalls/" + id)).isInstanceOfSatisfying(Miss.class, miss -> {
            assertThat(miss.label()).isEqualTo("notfound");
            assertThat(miss.refusal().status().code()).isEqualTo(404);
            assertThat(miss.refusal().reason()).isEqualTo("INVALID_ID");
            assertThat(miss.refusal().getMessage()).containsPattern("lower-case UUID|zero UUID");
        });
    }

    @Test
    void a_wrong_method_is_not_found_and_the_refusal_names_those_that_work() {
        assertThat(rpc.match("DELETE", "/v1/pipecatcalls")).isInstanceOfSatisfying(OtherMethod.class, other -> {
            assertThat(other.label()).isEqualTo("notfound");
            assertThat(other.allowed()).containsExactly("GET", "POST");
            assertThat(other.refusal().status().code()).isEqualTo(404);
            assertThat(other.refusal()).hasMessage("/v1/pipecatcalls does not take DELETE; use GET or POST");
        });
    }

    @Test
    void an_unknown_path_is_not_found_and_the_refusal_lists_the_known_ones() {
        assertThat(rpc.match("GET", "/v1/nothing" + "x".repeat(500)))
                .isInstanceOfSatisfying(
                        Miss.class,
                        miss -> assertThat(miss.refusal())
                                .hasMessageContaining("/v1/pipecatcalls/<pipecatcall-id>/stop")
                                .hasMessageContaining("…")
                                .hasMessageNotContaining("x".repeat(100)));
    }

    @Test
    void a_start_over_rpc_brings_its_id_and_over_http_it_gets_one() {
        var body = Map.of("agent", "reception");
        assertThatThrownBy(() -> answer(rpc, "POST", "/v1/pipecatcalls", () -> body))
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.status().code()).isEqualTo(400));
        assertThat(answer(http, "POST", "/v1/pipecatcalls", () -> body))
                .containsEntry("id", SequentialIds.id(1).toString());
        assertThat(answer(rpc, "POST", "/v1/pipecatcalls", () -> Map.of("id", ID)))
                .containsEntry("id", ID);
    }

    @Test
    void a_call_is_got_listed_and_stopped() {
        control.start(StartCommand.ofAgent(Samples.ID, "echo"));
        assertThat(answer(rpc, "GET", "/v1/pipecatcalls/" + ID, ControlRoutesTest::noBody))
                .containsEntry("status", "starting");
        assertThat(answer(rpc, "POST", "/v1/pipecatcalls/" + ID + "/stop", ControlRoutesTest::noBody))
                .containsEntry("status", "ended");
        assertThat(answer(rpc, "GET", "/v1/pipecatcalls?status=live", ControlRoutesTest::noBody))
                .containsEntry("result", List.of());
        assertThat(answer(
                        rpc,
                        "GET",
                        "/v1/pipecatcalls?status=ended&status=live&host_id=10.0.0%2e7",
                        ControlRoutesTest::noBody))
                .extractingByKey("result")
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(1);
    }

    @Test
    void a_query_that_cannot_be_decoded_is_refused() {
        assertThatThrownBy(() -> answer(rpc, "GET", "/v1/pipecatcalls?host_id=%zz", ControlRoutesTest::noBody))
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.reason()).isEqualTo("BAD_QUERY"));
    }

    @Test
    void what_was_handed_on_stays_here() {
        control.start(StartCommand.ofAgent(Samples.ID, "echo"));
        answer(rpc, "POST", "/v1/pipecatcalls/" + ID + "/stop", ControlRoutesTest::noBody);
        found(rpc, "POST", "/v1/pipecatcalls/" + ID + "/stop").answer(ControlRoutesTest::noBody, Reach.HERE, null);
        found(rpc, "POST", "/v1/messages")
                .answer(() -> Map.of("pipecatcall_id", ID, "message_text", "hello"), Reach.HERE, null);
        assertThat(control.asked())
                .containsSubsequence("stop " + ID + " EVERYWHERE", "stop " + ID + " HERE", "message " + ID + " HERE");
    }

    @Test
    void a_start_brings_the_trace_of_its_request() {
        for (var routes : List.of(rpc, http)) {
            found(routes, "POST", "/v1/pipecatcalls")
                    .answer(() -> Map.of("id", ID, "agent", "echo"), Reach.EVERYWHERE, Events.TRACE);
        }
        assertThat(control.traces()).containsExactly(Events.TRACE, Events.TRACE);
    }

    @Test
    void what_was_said_is_listed_with_every_key() {
        control.start(StartCommand.ofAgent(Samples.ID, "echo"));
        control.said(new SpokenMessage(Samples.ID, 1, Speaker.BOT, "", VirtualClock.START, true));
        assertThat(Json.text(answer(rpc, "GET", "/v1/pipecatcalls/" + ID + "/messages", ControlRoutesTest::noBody)))
                .isEqualTo("{'result':[{'pipecatcall_id':'" + ID + "','position':1,'speaker':'bot','text':'',"
                        + "'interrupted':true,'tm_said':'2026-01-02T03:04:05.000006Z','estimated':false}]}");
    }

    @Test
    void a_turn_is_listed_without_what_was_not_observed() {
        control.start(StartCommand.ofAgent(Samples.ID, "echo"));
        var figures = new Turn.Figures(8L, 9L, 10L, 11L, 12L, 13L);
        control.measured(
                new Turn(Samples.ID, 2, Turn.Kind.ANSWER, VirtualClock.START, 1L, 2L, 3L, 4L, 5L, 6L, 7L, figures));
        control.measured(
                new Turn(Samples.ID, 3, Turn.Kind.FILLER, VirtualClock.START, null, null, null, null, 5L, null, null));
        assertThat(Json.text(answer(rpc, "GET", "/v1/pipecatcalls/" + ID + "/turns", ControlRoutesTest::noBody)))
                .isEqualTo("{'result':[{'pipecatcall_id':'" + ID
                        + "','number':2,'kind':'answer','tm_caller_stopped':'2026-01-02T03:04:05.000006Z',"
                        + "'end_of_turn_ms':1,'transcript_ms':2,'first_token_ms':3,'first_speech_ms':4,"
                        + "'first_frame_ms':5,'barge_in_ms':6,'last_old_frame_ms':7,"
                        + "'stt_ms':8,'llm_ttfb_ms':9,'tts_ttfb_ms':10,'prompt_tokens':11,"
                        + "'completion_tokens':12,'tts_characters':13},"
                        + "{'pipecatcall_id':'" + ID
                        + "','number':3,'kind':'filler','tm_caller_stopped':'2026-01-02T03:04:05.000006Z',"
                        + "'first_frame_ms':5}]}");
    }

    @Test
    void ping_is_answered_whatever_else_fails() {
        control.fail(new IllegalStateException("everything else"));
        assertThat(answer(rpc, "GET", "/v1/ping", ControlRoutesTest::noBody)).containsEntry("host_id", "10.0.0.7");
    }

    private static Map<String, ?> noBody() {
        throw new AssertionError("this route has no body, and asked for it");
    }

    private static Map<String, @Nullable Object> answer(
            ControlRoutes routes, String method, String uri, Supplier<? extends Map<String, ?>> body) {
        return found(routes, method, uri).answer(body, Reach.EVERYWHERE, null);
    }

    private static Found found(ControlRoutes routes, String method, String uri) {
        var match = routes.match(method, uri);
        assertThat(match).isInstanceOf(Found.class);
        return (Found) match;
    }
}
