package org.pipecatmanager.domain.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.pipecatmanager.domain.platform.Bench.assistant;
import static org.pipecatmanager.domain.platform.Bench.call;
import static org.pipecatmanager.domain.platform.Bench.names;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.domain.session.SessionPlan;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.AiCall;
import org.pipecatmanager.ports.model.Assistance;
import org.pipecatmanager.ports.model.AudioPlan;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;

/** What calls and conversations with a single assistant need. */
class PlatformPreparationTest {
    private final Bench bench = new Bench();

    @Test
    void a_telephone_call_gets_a_leg_and_neither_tools_nor_a_key() {
        bench.offer("get_variables");

        var prepared = bench.prepare(call(ReferenceType.CALL, "deepgram"));

        assertThat(prepared.plan()).isEqualTo(new SessionPlan(true, true, Bench.LIMITS));
        assertThat(prepared.agent()).isNull();
        assertThat(prepared.assistance()).isEqualTo(Assistance.NONE);
        assertThat(prepared.tools()).isEmpty();
        assertThat(prepared.audio()).isEqualTo(AudioPlan.DEFAULT);
        assertThat(prepared.mediaCallId()).isEqualTo(Bench.TELEPHONE);
        assertThat(bench.ai.asked()).isEmpty();
    }

    @Test
    void a_call_that_does_not_listen_needs_no_way_in() {
        assertThat(bench.prepare(call(ReferenceType.CALL, "")).plan().needsInput())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminating", "canceling", "hangup"})
    void a_telephone_call_that_is_over_is_refused(String status) {
        bench.telephoneIs(status);
        assertThatThrownBy(() -> bench.prepare(call(ReferenceType.CALL, "")))
                .isInstanceOf(ManagerException.class)
                .hasMessage("call-manager's call " + Bench.TELEPHONE + " is over, its status is '" + status
                        + "'; nobody is left to talk to");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dialing", "ringing", "progressing", "", "something-new"})
    void every_other_status_passes(String status) {
        bench.telephoneIs(status);
        assertThat(bench.prepare(call(ReferenceType.CALL, "")).mediaCallId()).isEqualTo(Bench.TELEPHONE);
    }

    @Test
    void a_conversation_that_is_not_known_is_a_failure() {
        assertThatThrownBy(() -> bench.prepare(call(ReferenceType.AI_CALL, "")))
                .isInstanceOfSatisfying(
                        ManagerException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
    }

    @Test
    void a_reference_to_nothing_is_refused() {
        assertThatThrownBy(() -> bench.prepare(call(ReferenceType.NONE, "")))
                .hasMessageEndingWith("has no reference_type; use call or ai_call");
    }

    @Test
    void a_voice_conversation_gets_what_its_assistant_has() {
        bench.offer("get_variables", "send_email");
        bench.ai.know(Bench.voice());
        bench.ai.know(assistant(Bench.AI, "normal", "get_variables"));

        var prepared = bench.prepare(call(ReferenceType.AI_CALL, "deepgram"));

        assertThat(prepared.plan()).isEqualTo(new SessionPlan(true, true, Bench.LIMITS));
        assertThat(prepared.assistance())
                .isEqualTo(new Assistance(
                        Secret.of("key-of-" + Bench.AI),
                        Map.of("temperature", 0.2),
                        Map.of("stop_secs", 0.4),
                        true,
                        null));
        assertThat(names(prepared.tools())).containsExactly("get_variables");
        assertThat(prepared.mediaCallId()).isEqualTo(Bench.TELEPHONE);
        assertThat(bench.metered).isEmpty();
    }

    @Test
    void a_conversation_in_text_has_no_leg_and_needs_no_way_in() {
        bench.ai.know(Bench.text());
        bench.ai.know(assistant(Bench.AI, "normal"));

        var prepared = bench.prepare(call(ReferenceType.AI_CALL, ""));

        assertThat(prepared.plan()).isEqualTo(new SessionPlan(false, false, Bench.LIMITS));
        assertThat(prepared.mediaCallId()).isNull();
    }

    @Test
    void a_conversation_in_text_whose_request_asks_for_a_recogniser_needs_the_way_in() {
        bench.ai.know(Bench.text());
        bench.ai.know(assistant(Bench.AI, "normal"));

        assertThat(bench.prepare(call(ReferenceType.AI_CALL, "deepgram")).plan().needsInput())
                .isTrue();
    }

    @Test
    void an_assistant_that_cannot_be_looked_up_costs_tools_and_key_but_not_the_call() {
        bench.offer("get_variables");
        bench.ai.know(Bench.voice());

        var prepared = bench.prepare(call(ReferenceType.AI_CALL, "deepgram"));

        assertThat(prepared.tools()).isEmpty();
        assertThat(prepared.assistance())
                .isEqualTo(new Assistance(Secret.of(""), Map.of(), Map.of("stop_secs", 0.4), true, null));
        assertThat(prepared.mediaCallId()).isEqualTo(Bench.TELEPHONE);
        assertThat(bench.metered).containsExactly("fell back");
    }

    @Test
    void tools_are_those_of_catalogue_type_and_assistant_in_the_order_of_the_catalogue() {
        bench.offer("send_email", "get_case_notes", "made_up", "get_variables");
        bench.ai.know(Bench.voice());
        bench.ai.know(
                assistant(Bench.AI, "normal", "get_variables", "send_email", "get_case_notes", "made_up", "stop_flow"));

        assertThat(names(bench.prepare(call(ReferenceType.AI_CALL, "")).tools()))
                .containsExactly("send_email", "get_variables");
    }

    @Test
    void all_stands_for_every_tool_of_the_type() {
        bench.offer("send_email", "get_case_notes", "made_up", "emit_info_card");
        bench.ai.know(Bench.voice());
        bench.ai.know(assistant(Bench.AI, "normal", "all"));
        assertThat(names(bench.prepare(call(ReferenceType.AI_CALL, "")).tools()))
                .containsExactly("send_email");

        bench.ai.know(assistant(Bench.AI, "insight", "all"));
        assertThat(names(bench.prepare(call(ReferenceType.AI_CALL, "")).tools()))
                .containsExactly("get_case_notes", "emit_info_card");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "something-new", "Normal"})
    void a_type_nobody_knows_gets_nothing(String type) {
        bench.offer("send_email", "get_case_notes");
        bench.ai.know(Bench.voice());
        bench.ai.know(assistant(Bench.AI, type, "all"));

        var prepared = bench.prepare(call(ReferenceType.AI_CALL, ""));

        assertThat(prepared.tools()).isEmpty();
        assertThat(prepared.assistance().llmKey().isEmpty()).isFalse();
        assertThat(bench.metered).containsExactly("denied '" + type + "'");
    }

    @Test
    void knowledge_is_searched_only_where_there_is_some() {
        bench.offer("search_knowledge", "send_email");
        bench.ai.know(Bench.voice());
        bench.ai.know(assistant(Bench.AI, "normal", Ids.ZERO, "", "all"));
        assertThat(names(bench.prepare(call(ReferenceType.AI_CALL, "")).tools()))
                .containsExactly("send_email");

        bench.ai.know(assistant(Bench.AI, "normal", SequentialIds.id(7), "", "search_knowledge"));
        assertThat(names(bench.prepare(call(ReferenceType.AI_CALL, "")).tools()))
                .containsExactly("search_knowledge");
    }

    @Test
    void the_sets_of_the_types_have_nothing_in_common() {
        assertThat(ToolRules.ALLOWED).containsOnlyKeys("normal", "insight");
        assertThat(ToolRules.ALLOWED.get("normal"))
                .hasSize(15)
                .doesNotContainAnyElementsOf(ToolRules.ALLOWED.get("insight"));
    }

    @Test
    void a_call_does_not_wait_for_a_catalogue_that_was_never_read() {
        bench.ai.know(new AiCall(Bench.AI_CALL, "", Bench.AI, "call", Bench.TELEPHONE, Ids.ZERO, Map.of(), false));
        bench.ai.know(assistant(Bench.AI, "normal", "all"));
        assertThat(bench.prepare(call(ReferenceType.AI_CALL, "")).tools()).isEmpty();
    }
}
