package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.testing.VirtualClock;

class AmqpAiManagerTest {
    private static final UUID ID = UUID.fromString("33333333-3333-4333-8333-333333333333");

    private final ScriptedExchange exchange = new ScriptedExchange();
    private final RecordingRpcMeter meter = new RecordingRpcMeter();
    private final AmqpAiManager ais = new AmqpAiManager(exchange, meter, new VirtualClock());

    @Test
    void everything_is_asked_of_one_queue_within_three_seconds() {
        exchange.json(Map.of("id", ID.toString()))
                .json(Map.of("id", ID.toString()))
                .json(Map.of("id", ID.toString()))
                .json(Map.of("tools", List.of(Map.of("name", "stop_flow"))));
        assertThat(ais.aiCall(ID).id()).isEqualTo(ID);
        assertThat(ais.ai(ID).id()).isEqualTo(ID);
        assertThat(ais.team(ID).id()).isEqualTo(ID);
        assertThat(ais.tools())
                .singleElement()
                .satisfies(tool -> assertThat(tool.name()).isEqualTo("stop_flow"));
        assertThat(exchange.asked)
                .extracting(asked -> asked.request().uri())
                .containsExactly("/v1/aicalls/" + ID, "/v1/ais/" + ID, "/v1/teams/" + ID, "/v1/tools");
        assertThat(exchange.asked).allSatisfy(asked -> {
            assertThat(asked.queue()).isEqualTo("bin-manager.ai-manager.request");
            assertThat(asked.deadline()).isEqualTo(Duration.ofSeconds(3));
            assertThat(asked.request().method()).isEqualTo("GET");
            assertThat(asked.request().data()).isNull();
        });
        assertThat(meter.lines)
                .containsExactly(
                        "requested ai-manager GET /v1/aicalls/<aicall-id> 0",
                        "requested ai-manager GET /v1/ais/<ai-id> 0",
                        "requested ai-manager GET /v1/teams/<team-id> 0",
                        "requested ai-manager GET /v1/tools 0");
    }

    @Test
    void a_tool_may_take_ten_seconds_and_says_what_became_of_it() {
        exchange.json(Map.of("tool_call_id", "call_1", "result", "failed", "message", "no such number"));
        var call = new ToolCall("call_1", "connect_call", "{\"destinations\":[]}", Map.of("destinations", List.of()));
        assertThat(ais.executeTool(ID, call))
                .isEqualTo(new ToolResult("call_1", false, "no such number", "", "", null));
        var asked = exchange.only();
        assertThat(asked.deadline()).isEqualTo(Duration.ofSeconds(10));
        assertThat(asked.request())
                .isEqualTo(RpcCall.of(
                        "POST",
                        "/v1/aicalls/" + ID + "/tool_execute",
                        Map.of(
                                "id",
                                "call_1",
                                "type",
                                "function",
                                "function",
                                Map.of("name", "connect_call", "arguments", "{\"destinations\":[]}"))));
    }

    @Test
    void no_complaint_repeats_a_key_a_prompt_or_an_argument() {
        exchange.json(Map.of("engine_key", List.of("sk-1"), "init_prompt", "be brief"))
                .answer(500, "", "arguments");
        assertThat(catchThrowableOfType(ManagerException.class, () -> ais.ai(ID)))
                .hasMessage("ai-manager: GET /v1/ais/" + ID
                        + " was answered with data that cannot be read: engine_key is a list; use text");
        var call = new ToolCall("call_1", "send_email", "{\"to\":\"somebody\"}", Map.of("to", "somebody"));
        assertThat(catchThrowableOfType(ManagerException.class, () -> ais.executeTool(ID, call)))
                .hasMessage("ai-manager: POST /v1/aicalls/" + ID + "/tool_execute was answered 500");
    }

    @Test
    void what_ai_manager_does_not_know_is_not_found() {
        exchange.answer(404, "", null);
        assertThat(catchThrowableOfType(ManagerException.class, () -> ais.team(ID))
                        .kind())
                .isEqualTo(Kind.NOT_FOUND);
    }
}
