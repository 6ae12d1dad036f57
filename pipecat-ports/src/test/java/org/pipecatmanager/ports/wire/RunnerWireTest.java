package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ResolvedTeam;
import org.pipecatmanager.ports.model.Resume;
import org.pipecatmanager.ports.model.RunnerLaunch;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.RequestException;

/** What is spoken with the runner over HTTP. */
class RunnerWireTest {
    private static final RunWire.Addresses ADDRESSES = new RunWire.Addresses(
            "ws://127.0.0.1:8080/x/ws", "http://127.0.0.1:8080/x/tools", "http://127.0.0.1:8080/x/ms");
    private static final ToolDefinition GET_VARIABLES =
            new ToolDefinition("get_variables", "Reads.", Map.of("type", "object"), false, false, null);
    private static final TraceContext TRACE =
            new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    private static final UUID TEAM = UUID.fromString("44444444-4444-4444-8444-444444444444");
    private static final UUID MEMBER_A = UUID.fromString("55555555-5555-4555-8555-555555555555");
    private static final UUID MEMBER_B = UUID.fromString("66666666-6666-4666-8666-666666666666");

    @Test
    void a_platform_start_has_the_platforms_keys_then_link_and_audio() {
        var launch = new RunnerLaunch(
                Samples.full(),
                null,
                Secret.of("tok"),
                Assistance.ofKey(Secret.of("sk-1")),
                List.of(),
                AudioPlan.DEFAULT.withInRateHz(8000),
                TRACE);
        assertThat(Json.text(RunWire.toMap(launch, ADDRESSES))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                        'llm_type':'openai.gpt-4o','llm_key':'sk-1','llm_messages':[{'role':'system'}],
                        'stt_type':'deepgram','stt_language':'en-US',
                        'tts_type':'cartesia','tts_language':'en','tts_voice_id':'voice-1',
                        'smart_turn_enabled':false,
                        'link':{'ws_url':'ws://127.0.0.1:8080/x/ws','tools_url':'http://127.0.0.1:8080/x/tools',
                        'member_switched_url':'http://127.0.0.1:8080/x/ms','token':'tok'},
                        'audio':{'in_rate':8000,'chunk_ms':20,'window_ms':400,'report_ms':40},
                        'traceparent':'00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'}
                        """));
    }

    @Test
    void a_single_assistant_brings_its_tools_its_voice_activity_and_its_parameters() {
        var launch = new RunnerLaunch(
                Samples.bare(),
                null,
                Secret.of("tok"),
                new Assistance(Secret.of("sk-1"), Map.of("temperature", 0.3), Map.of("stop_secs", 0.5), true, null),
                List.of(GET_VARIABLES),
                AudioPlan.DEFAULT,
                TRACE);
        assertThat(Json.text(RunWire.toMap(launch, ADDRESSES))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10','llm_key':'sk-1',
                        'tools':[{'name':'get_variables','description':'Reads.','parameters':{'type':'object'},
                        'run_llm':false,'timeout_secs':12}],
                        'vad_config':{'stop_secs':0.5},'smart_turn_enabled':true,
                        'link':{'ws_url':'ws://127.0.0.1:8080/x/ws','tools_url':'http://127.0.0.1:8080/x/tools',
                        'member_switched_url':'http://127.0.0.1:8080/x/ms','token':'tok'},
                        'audio':{'in_rate':16000,'chunk_ms':20,'window_ms':400,'report_ms':40},
                        'llm_parameter':{'temperature':0.3},
                        'traceparent':'00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'}
                        """));
    }

    @Test
    void a_team_is_printed_with_its_members_and_their_own_tools_only() {
        var bare = new Ai(
                MEMBER_B, "normal", "", Secret.of(""), Map.of(), Ids.ZERO, "", "", "", "", Map.of(), false, List.of());
        var full = new Ai(
                MEMBER_A,
                "normal",
                "openai.gpt-5",
                Secret.of("sk-a"),
                Map.of("temperature", 1),
                Ids.ZERO,
                "Be kind.",
                "cartesia",
                "voice-a",
                "deepgram",
                Map.of("confidence", 0.7),
                true,
                List.of("all"));
        var team = new ResolvedTeam(
                TEAM,
                MEMBER_B,
                List.of(
                        new ResolvedTeam.Member(
                                MEMBER_A,
                                "desk",
                                full,
                                List.of(GET_VARIABLES),
                                List.of(new Team.Transition("to_sales", "When buying.", MEMBER_B))),
                        new ResolvedTeam.Member(MEMBER_B, "sales", bare, List.of(), List.of())));
        var launch = new RunnerLaunch(
                Samples.bare(),
                null,
                Secret.of("tok"),
                new Assistance(Secret.of(""), Map.of(), Map.of(), false, team),
                List.of(GET_VARIABLES),
                AudioPlan.DEFAULT,
                TRACE);

        var map = RunWire.toMap(launch, ADDRESSES);

        assertThat(map).containsOnlyKeys("id", "resolved_team", "smart_turn_enabled", "link", "audio", "traceparent");
        assertThat(Json.text(map.get("resolved_team"))).isEqualTo(Json.line("""
                        {'id':'44444444-4444-4444-8444-444444444444',
                        'start_member_id':'66666666-6666-4666-8666-666666666666','members':[
                        {'id':'55555555-5555-4555-8555-555555555555','name':'desk',
                        'ai':{'engine_model':'openai.gpt-5','engine_key':'sk-a','init_prompt':'Be kind.',
                        'parameter':{'temperature':1},'tts_type':'cartesia','tts_voice_id':'voice-a',
                        'stt_type':'deepgram','vad_config':{'confidence':0.7},'smart_turn_enabled':true},
                        'tools':[{'name':'get_variables','description':'Reads.','parameters':{'type':'object'},
                        'run_llm':false,'timeout_secs':12}],
                        'transitions':[{'function_name':'to_sales','description':'When buying.',
                        'next_member_id':'66666666-6666-4666-8666-666666666666'}]},
                        {'id':'66666666-6666-4666-8666-666666666666','name':'sales',
                        'ai':{'engine_model':'','engine_key':'','init_prompt':'','tts_type':'','tts_voice_id':'',
                        'stt_type':'','smart_turn_enabled':false},'tools':[],'transitions':[]}]}
                        """));
    }

    @Test
    void an_agent_start_hands_its_sections_on_and_keeps_webhooks_back() {
        var llm = new LinkedHashMap<String, Object>();
        llm.put("api_key", Secret.of("sk-2"));
        var pipeline = new LinkedHashMap<String, Object>();
        pipeline.put("prompt", "Be kind.");
        pipeline.put("greeting", "Hello.");
        pipeline.put("llm", llm);
        pipeline.put("tts", Map.of("type", "piper"));
        pipeline.put("turn", Map.of("stop", "smart"));
        var agent = Agent.of("reception", "assistant")
                .withPipeline(pipeline)
                .withLimits(SessionLimits.DEFAULTS.withLegTimeout(Duration.ofMillis(1500)));
        var weather = new ToolDefinition(
                "weather",
                "Tells the weather.",
                Map.of("type", "object"),
                true,
                false,
                new ToolDefinition.Webhook(
                        "http://secret-host/", "POST", Map.of("x", Secret.of("y")), Duration.ofSeconds(4), 1),
                new ToolDefinition.Conduct("Let me look.", true, ToolDefinition.Ending.TRANSFER));
        var hangUp = new ToolDefinition("hang_up", "", Map.of(), false, true, null);
        var launch = new RunnerLaunch(
                Samples.bare(),
                agent,
                Secret.of("tok"),
                Assistance.NONE,
                List.of(weather, hangUp),
                AudioPlan.DEFAULT,
                TRACE);

        assertThat(Json.text(RunWire.toMap(launch, ADDRESSES))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                        'tools':[{'name':'weather','description':'Tells the weather.','parameters':{'type':'object'},
                        'run_llm':true,'timeout_secs':10,'speech':'Let me look.','on_interruption':'cancel',
                        'ends_call':'transfer'},
                        {'name':'hang_up','parameters':{},'run_llm':false,'builtin':'hang_up'}],
                        'smart_turn_enabled':true,
                        'link':{'ws_url':'ws://127.0.0.1:8080/x/ws','tools_url':'http://127.0.0.1:8080/x/tools',
                        'member_switched_url':'http://127.0.0.1:8080/x/ms','token':'tok'},
                        'audio':{'in_rate':16000,'chunk_ms':20,'window_ms':400,'report_ms':40},
                        'agent':{'bot':'assistant','prompt':'Be kind.','greeting':'Hello.',
                        'llm':{'api_key':'sk-2'},'tts':{'type':'piper'},'turn':{'stop':'smart'},
                        'limits':{'leg_timeout':'1.5s','runner_timeout':'15s','idle_timeout':'300s',
                        'max_duration':'7200s'}},
                        'traceparent':'00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'}
                        """));
    }

    @Test
    void a_pipeline_that_replaces_a_lost_one_is_told_what_to_go_on_from() {
        var message = new LinkedHashMap<String, Object>();
        message.put("role", "assistant");
        message.put("content", "Hello.");
        assertThat(resumed(new Resume(2, List.of(message), "desk")))
                .contains(
                        ",'resume':{'attempt':2,'messages':[{'role':'assistant','content':'Hello.'}],'member':'desk'},"
                                + "'traceparent':");
        assertThat(resumed(new Resume(1, List.of(), ""))).contains(",'resume':{'attempt':1},");
        assertThat(resumed(null)).doesNotContain("resume");
    }

    private static String resumed(@Nullable Resume resume) {
        return Json.text(RunWire.toMap(
                new RunnerLaunch(
                        Samples.bare(),
                        null,
                        Secret.of("tok"),
                        Assistance.NONE,
                        List.of(),
                        AudioPlan.DEFAULT,
                        TRACE,
                        resume),
                ADDRESSES));
    }

    @Test
    void a_team_of_an_agent_is_handed_on_with_the_tools_in_the_place_of_their_names() {
        var member = new LinkedHashMap<String, Object>();
        member.put("id", "desk");
        member.put("agent", Map.of("tts", Map.of("type", "piper")));
        member.put("tools", List.of("hang_up"));
        var team = new LinkedHashMap<String, Object>();
        team.put("start", "desk");
        team.put("members", List.of(member));
        var hangUp = new ToolDefinition("hang_up", "", Map.of(), false, true, null);
        var agent = new Agent(
                "a",
                "assistant",
                Map.of("team", team),
                List.of(hangUp),
                AudioPlan.DEFAULT,
                SessionLimits.DEFAULTS,
                null);
        var launch = new RunnerLaunch(
                Samples.bare(), agent, Secret.of("tok"), Assistance.NONE, List.of(), AudioPlan.DEFAULT, TRACE);

        assertThat(agent.speaks()).isTrue();
        assertThat(agent.hears()).isFalse();
        assertThat(Json.text(RunWire.toMap(launch, ADDRESSES))).contains(Json.line("""
                        'team':{'start':'desk','members':[{'id':'desk','agent':{'tts':{'type':'piper'}},
                        'tools':[{'name':'hang_up','parameters':{},'run_llm':false,'builtin':'hang_up'}]}]}
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
