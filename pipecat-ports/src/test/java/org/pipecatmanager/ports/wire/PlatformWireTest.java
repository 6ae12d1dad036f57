package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Ai;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.Team;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.RequestException;

/** What call-manager and ai-manager are asked and answer. */
class PlatformWireTest {
    private static final String A = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
    private static final String B = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
    private static final String C = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";

    @Test
    void external_media_is_asked_for_with_the_keys_of_audiosocket() {
        var request = new ExternalMediaRequest(Samples.ID, Samples.REFERENCE, "10.0.0.7:9092", "slin");
        assertThat(Json.text(ExternalMediaWire.toMap(request))).isEqualTo(Json.line("""
                {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                'reference_type':'call',
                'reference_id':'33333333-3333-4333-8333-333333333333',
                'external_host':'10.0.0.7:9092',
                'encapsulation':'audiosocket',
                'transport':'tcp',
                'connection_type':'client',
                'format':'slin',
                'direction_listen':'in',
                'direction_speak':'out'}
                """));
    }

    @Test
    void of_a_call_only_id_and_status_are_read() {
        assertThat(ExternalMediaWire.callFromMap(Map.of("id", A, "status", "progressing", "flow_id", 7)))
                .isEqualTo(new PlatformCall(UUID.fromString(A), "progressing"));
    }

    @Test
    void a_conversation_is_read_with_every_key() {
        assertThat(AiCallWire.fromMap(Map.of(
                        "id",
                        A,
                        "assistance_type",
                        "team",
                        "assistance_id",
                        B,
                        "reference_type",
                        "call",
                        "reference_id",
                        C,
                        "current_member_id",
                        A,
                        "ai_vad_config",
                        Map.of("stop_secs", 0.5),
                        "ai_smart_turn_enabled",
                        true)))
                .isEqualTo(new AiCall(
                        UUID.fromString(A),
                        "team",
                        UUID.fromString(B),
                        "call",
                        UUID.fromString(C),
                        UUID.fromString(A),
                        Map.of("stop_secs", 0.5),
                        true));
    }

    @Test
    void what_a_conversation_does_not_say_is_empty_and_null_says_nothing() {
        var nothing = new HashMap<String, Object>();
        for (var key : List.of("assistance_type", "current_member_id", "ai_vad_config", "ai_smart_turn_enabled")) {
            nothing.put(key, null);
        }
        var empty = new AiCall(Ids.ZERO, "", Ids.ZERO, "", Ids.ZERO, Ids.ZERO, Map.of(), false);
        assertThat(AiCallWire.fromMap(nothing)).isEqualTo(empty);
        assertThat(AiCallWire.fromMap(Map.of())).isEqualTo(empty);
    }

    @Test
    void an_assistant_is_read_with_every_key() {
        var map = new HashMap<String, Object>();
        map.put("id", A);
        map.put("type", "insight");
        map.put("engine_model", "openai.gpt-5");
        map.put("engine_key", "sk-1");
        map.put("parameter", Map.of("temperature", 0.2));
        map.put("rag_id", B);
        map.put("init_prompt", "be brief");
        map.put("tts_type", "cartesia");
        map.put("tts_voice_id", "v");
        map.put("stt_type", "deepgram");
        map.put("vad_config", Map.of("confidence", 0.7));
        map.put("smart_turn_enabled", true);
        map.put("tool_names", List.of("all"));
        assertThat(AiWire.fromMap(map))
                .isEqualTo(new Ai(
                        UUID.fromString(A),
                        "insight",
                        "openai.gpt-5",
                        Secret.of("sk-1"),
                        Map.of("temperature", 0.2),
                        UUID.fromString(B),
                        "be brief",
                        "cartesia",
                        "v",
                        "deepgram",
                        Map.of("confidence", 0.7),
                        true,
                        List.of("all")));
    }

    @Test
    void a_complaint_about_an_assistant_quotes_neither_key_nor_prompt() {
        assertThatThrownBy(() -> AiWire.fromMap(Map.of("engine_key", List.of("sk-1"))))
                .isInstanceOf(RequestException.class)
                .hasMessage("engine_key is a list; use text");
        assertThatThrownBy(() -> AiWire.fromMap(Map.of("tool_names", Collections.singletonList(null))))
                .hasMessage("tool_names[0] is null; use text");
        assertThatThrownBy(() -> AiWire.fromMap(Map.of("parameter", "0.2")))
                .hasMessage("parameter is text; use an object");
        assertThat(AiWire.fromMap(Map.of("engine_key", "sk-1", "init_prompt", "be brief"))
                        .toString())
                .doesNotContain("sk-1", "be brief");
    }

    @Test
    void a_team_is_read_with_members_and_transitions() {
        assertThat(TeamWire.fromMap(Map.of(
                        "id", A,
                        "start_member_id", B,
                        "members",
                                List.of(
                                        Map.of(
                                                "id",
                                                B,
                                                "name",
                                                "sales",
                                                "ai_id",
                                                C,
                                                "transitions",
                                                List.of(Map.of(
                                                        "function_name", "to_support",
                                                        "description", "when it is broken",
                                                        "next_member_id", C))),
                                        Map.of("id", C)))))
                .isEqualTo(new Team(
                        UUID.fromString(A),
                        UUID.fromString(B),
                        List.of(
                                new Team.Member(
                                        UUID.fromString(B),
                                        "sales",
                                        UUID.fromString(C),
                                        List.of(new Team.Transition(
                                                "to_support", "when it is broken", UUID.fromString(C)))),
                                new Team.Member(UUID.fromString(C), "", Ids.ZERO, List.of()))));
    }

    @Test
    void a_complaint_about_a_team_names_the_path() {
        assertThatThrownBy(() -> TeamWire.fromMap(Map.of(
                        "members", List.of(Map.of(), Map.of("transitions", List.of(Map.of("next_member_id", "x")))))))
                .hasMessageStartingWith("members[1].transitions[0].next_member_id is 'x'; use a UUID");
    }

    @Test
    void the_catalogue_of_tools_is_read() {
        var schema = Map.<String, Object>of("type", "object");
        assertThat(ToolCatalogWire.fromMap(Map.of(
                        "tools",
                        List.of(
                                Map.of("name", "a", "description", "d", "parameters", schema, "run_llm", true),
                                Map.of("name", "b")))))
                .containsExactly(
                        new ToolDefinition("a", "d", schema, true, false, null),
                        new ToolDefinition("b", "", Map.of(), false, false, null));
        assertThat(ToolCatalogWire.fromMap(Map.of())).isEmpty();
        assertThatThrownBy(() -> ToolCatalogWire.fromMap(Map.of("tools", List.of(Map.of("name", "a"), Map.of()))))
                .hasMessage("tools[1].name is missing; give it");
    }
}
