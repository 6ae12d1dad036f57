package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;

/** What is spoken with the runner over HTTP. */
class RunnerWireTest {
    private static final RunWire.Addresses ADDRESSES = new RunWire.Addresses(
            "ws://127.0.0.1:8080/x/ws", "http://127.0.0.1:8080/x/tools", "http://127.0.0.1:8080/x/ms");

    @Test
    void a_platform_start_has_the_platforms_keys_then_link_and_audio() {
        var launch = new RunnerLaunch(
                Samples.full(),
                null,
                Secret.of("tok"),
                Assistance.ofKey(Secret.of("sk-1")),
                List.of(),
                AudioPlan.DEFAULT.withInRateHz(8000));
        assertThat(Json.text(RunWire.toMap(launch, ADDRESSES, "00-aa-bb-01"))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                        'llm_type':'openai.gpt-4o','llm_key':'sk-1','llm_messages':[{'role':'system'}],
                        'stt_type':'deepgram','stt_language':'en-US',
                        'tts_type':'cartesia','tts_language':'en','tts_voice_id':'voice-1',
                        'smart_turn_enabled':false,
                        'link':{'ws_url':'ws://127.0.0.1:8080/x/ws','tools_url':'http://127.0.0.1:8080/x/tools',
                        'member_switched_url':'http://127.0.0.1:8080/x/ms','token':'tok'},
                        'audio':{'in_rate':8000,'chunk_ms':20,'window_ms':400,'report_ms':40},
                        'traceparent':'00-aa-bb-01'}
                        """));
    }

    @Test
    void an_agent_start_hands_its_sections_on_and_keeps_webhooks_back() {
        var llm = new LinkedHashMap<String, Object>();
        llm.put("api_key", Secret.of("sk-2"));
        var agent = new Agent(
                "reception",
                "assistant",
                "Be kind.",
                "Hello.",
                llm,
                Map.of(),
                Map.of("type", "piper"),
                Map.of(),
                Map.of("stop", "smart"),
                Map.of(),
                List.of(),
                AudioPlan.DEFAULT,
                SessionLimits.DEFAULTS.withLegTimeout(Duration.ofMillis(1500)),
                null);
        var weather = new ToolDefinition(
                "weather",
                "Tells the weather.",
                Map.of("type", "object"),
                true,
                false,
                new ToolDefinition.Webhook(
                        "http://secret-host/", "POST", Map.of("x", Secret.of("y")), Duration.ofSeconds(4), 1));
        var hangUp = new ToolDefinition("hang_up", "", Map.of(), false, true, null);
        var launch = new RunnerLaunch(
                Samples.bare(), agent, Secret.of("tok"), Assistance.NONE, List.of(weather, hangUp), AudioPlan.DEFAULT);

        assertThat(Json.text(RunWire.toMap(launch, ADDRESSES, ""))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                        'tools':[{'name':'weather','description':'Tells the weather.','parameters':{'type':'object'},
                        'run_llm':true,'timeout_secs':10},
                        {'name':'hang_up','parameters':{},'run_llm':false,'builtin':'hang_up'}],
                        'smart_turn_enabled':true,
                        'link':{'ws_url':'ws://127.0.0.1:8080/x/ws','tools_url':'http://127.0.0.1:8080/x/tools',
                        'member_switched_url':'http://127.0.0.1:8080/x/ms','token':'tok'},
                        'audio':{'in_rate':16000,'chunk_ms':20,'window_ms':400,'report_ms':40},
                        'agent':{'bot':'assistant','prompt':'Be kind.','greeting':'Hello.',
                        'llm':{'api_key':'sk-2'},'tts':{'type':'piper'},'turn':{'stop':'smart'},
                        'limits':{'leg_timeout':'1.5s','runner_timeout':'15s','idle_timeout':'300s',
                        'max_duration':'7200s'}}}
                        """));
    }

    @Test
    void a_tool_call_is_read_with_its_arguments_as_text_and_parsed() {
        var call = ToolWire.callFromMap(
                Map.of(
                        "id",
                        "t1",
                        "type",
                        "function",
                        "function",
                        Map.of("name", "weather", "arguments", "{\"city\":\"Bonn\"}")),
                text -> Map.of("parsed", text));
        assertThat(call)
                .isEqualTo(
                        new ToolCall("t1", "weather", "{\"city\":\"Bonn\"}", Map.of("parsed", "{\"city\":\"Bonn\"}")));
    }

    @Test
    void a_tool_call_without_arguments_has_none() {
        var call = ToolWire.callFromMap(Map.of("id", "t1", "function", Map.of("name", "weather")), text -> {
            throw new AssertionError("there is nothing to parse");
        });
        assertThat(call.arguments()).isEmpty();
    }

    @Test
    void arguments_that_cannot_be_parsed_are_refused_without_telling_them() {
        var body = Map.of("id", "t1", "function", Map.of("name", "weather", "arguments", "my secret"));
        assertThatThrownBy(() -> ToolWire.callFromMap(body, text -> {
                    throw new IllegalStateException("unexpected: " + text);
                }))
                .isInstanceOf(RequestException.class)
                .hasMessage("function.arguments are not the text of a JSON object (9 characters)")
                .hasNoCause();
    }

    @Test
    void a_tool_call_without_id_name_or_with_another_type_is_refused() {
        assertThatThrownBy(() -> ToolWire.callFromMap(Map.of("function", Map.of("name", "x")), text -> Map.of()))
                .hasMessage("id is missing; give it");
        assertThatThrownBy(() -> ToolWire.callFromMap(Map.of("id", "t1"), text -> Map.of()))
                .hasMessage("function.name is missing; give it");
        assertThatThrownBy(() -> ToolWire.callFromMap(Map.of("id", "t1", "type", "custom"), text -> Map.of()))
                .hasMessage("type is 'custom'; use function");
    }

    @Test
    void a_result_prints_the_platforms_keys_always_and_data_where_there_is_some() {
        assertThat(Json.text(ToolWire.toMap(ToolResult.success("t1", Map.of("degrees", 21)))))
                .isEqualTo("{'tool_call_id':'t1','result':'success','message':'','resource_type':'','resource_id':'',"
                        + "'data':{'degrees':21}}");
        assertThat(Json.text(ToolWire.toMap(ToolResult.failure("t1", "timed out"))))
                .isEqualTo("{'tool_call_id':'t1','result':'failed','message':'timed out','resource_type':'',"
                        + "'resource_id':''}");
    }
}
