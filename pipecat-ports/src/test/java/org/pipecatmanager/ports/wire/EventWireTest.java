package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.Dtmf;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.MemberSwitched;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.ProviderFailure;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.RunnerLoss;
import org.pipecatmanager.ports.model.Speaking;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.TurnMetrics;
import org.pipecatmanager.ports.testing.VirtualClock;

class EventWireTest {
    private static final UUID MESSAGE = UUID.fromString("44444444-4444-4444-8444-444444444444");
    private static final UUID REPLY = UUID.fromString("55555555-5555-4555-8555-555555555555");

    @Test
    void the_envelope_names_type_publisher_and_data_type_and_not_the_sequence() {
        assertThat(Json.text(EventWire.toMap(event(EventType.USER_STARTED_SPEAKING, new Speaking(Samples.REF)))))
                .isEqualTo("{'type':'user_started_speaking','publisher':'pipecat-manager',"
                        + "'data_type':'application/json','data':{" + Samples.REF_KEYS + "}}");
    }

    @Test
    void a_lifecycle_event_carries_the_record() {
        var event = event(EventType.PIPECATCALL_TERMINATED, Samples.full());
        assertThat(EventWire.data(event)).isEqualTo(PipecatcallWire.toMap(Samples.full()));
    }

    @Test
    void an_intermediate_message_has_its_place_in_the_generation() {
        var message = new Message(MESSAGE, Samples.REF, REPLY, "Hel", 1);
        assertThat(data(EventType.MESSAGE_BOT_LLM_INTERMEDIATE, message))
                .isEqualTo(
                        "{'id':'44444444-4444-4444-8444-444444444444'," + Samples.REF_KEYS
                                + ",'in_reply_to_message_id':'55555555-5555-4555-8555-555555555555','text':'Hel','sequence':1}");
    }

    @Test
    void a_final_message_has_no_sequence_and_an_empty_one_no_text() {
        var message = new Message(MESSAGE, Samples.REF, Ids.ZERO, "", 0);
        assertThat(data(EventType.MESSAGE_BOT_LLM, message))
                .isEqualTo("{'id':'44444444-4444-4444-8444-444444444444'," + Samples.REF_KEYS
                        + ",'in_reply_to_message_id':'00000000-0000-0000-0000-000000000000'}");
    }

    @Test
    void a_sentence_whose_end_is_estimated_says_so() {
        var message = new Message(MESSAGE, Samples.REF, Ids.ZERO, "We open", 0, true);
        assertThat(data(EventType.MESSAGE_BOT_HEARD, message)).endsWith(",'text':'We open','estimated':true}");
    }

    @Test
    void a_handover_names_both_members_and_an_unknown_member_has_the_zero_id() {
        var from = new Member(
                "66666666-6666-4666-8666-666666666666", "sales", "openai.gpt-4o", "cartesia", "v1", "deepgram");
        var to = new Member("", "", "", "", "", "");
        assertThat(data(EventType.TEAM_MEMBER_SWITCHED, new MemberSwitched(Samples.REF, "to_support", from, to)))
                .isEqualTo("{" + Samples.REF_KEYS + ",'transition_function_name':'to_support',"
                        + "'from_member':{'id':'66666666-6666-4666-8666-666666666666','name':'sales',"
                        + "'engine_model':'openai.gpt-4o','tts_type':'cartesia','tts_voice_id':'v1','stt_type':'deepgram'},"
                        + "'to_member':{'id':'00000000-0000-0000-0000-000000000000'}}");
    }

    @ParameterizedTest
    @MethodSource("ours")
    void our_own_kinds_follow_the_identifying_keys_with_theirs(EventType type, EventPayload payload, String keys) {
        assertThat(data(type, payload)).isEqualTo("{" + Samples.REF_KEYS + keys + "}");
    }

    static Stream<Arguments> ours() {
        var finished = new ToolActivity(Samples.REF, "t1", "weather", false, 120);
        return Stream.of(
                Arguments.of(
                        EventType.BOT_INTERRUPTED,
                        new Interruption(Samples.REF, 1840, 0),
                        ",'heard_ms':1840,'dropped_ms':0"),
                Arguments.of(EventType.TOOL_CALL_STARTED, finished, ",'tool_call_id':'t1','name':'weather'"),
                Arguments.of(
                        EventType.TOOL_CALL_FINISHED,
                        finished,
                        ",'tool_call_id':'t1','name':'weather','succeeded':false,'took_ms':120"),
                Arguments.of(
                        EventType.METRICS_REPORTED,
                        new TurnMetrics(Samples.REF, List.of(new TurnMetrics.Sample("ttfb", "Llm#0", 0.25))),
                        ",'samples':[{'kind':'ttfb','processor':'Llm#0','value':0.25}]"),
                Arguments.of(EventType.DTMF_RECEIVED, new Dtmf(Samples.REF, '#'), ",'key':'#'"),
                Arguments.of(
                        EventType.ERROR_REPORTED,
                        new Problem(Samples.REF, "runner", "it broke", false),
                        ",'source':'runner','message':'it broke','fatal':false"),
                Arguments.of(
                        EventType.ERROR_REPORTED,
                        new Problem(
                                Samples.REF,
                                "runner",
                                "429",
                                false,
                                new ProviderFailure("llm", "openai", "rate_limit", "switched", "groq")),
                        ",'source':'runner','message':'429','fatal':false,'part':'llm','provider':'openai',"
                                + "'kind':'rate_limit','action':'switched','to':'groq'"),
                Arguments.of(
                        EventType.ERROR_REPORTED,
                        new Problem(Samples.REF, "runner", "", true, new ProviderFailure("tts", "", "", "ended", "")),
                        ",'source':'runner','fatal':true,'part':'tts','action':'ended'"),
                Arguments.of(
                        EventType.RUNNER_LOST,
                        new RunnerChange(Samples.REF, 2, RunnerLoss.TIMED_OUT, "late", 0),
                        ",'attempt':2,'reason':'timed_out','message':'late'"),
                Arguments.of(
                        EventType.RUNNER_LOST,
                        new RunnerChange(Samples.REF, 1, RunnerLoss.LINK_LOST, "", 0),
                        ",'attempt':1,'reason':'link_lost'"),
                Arguments.of(
                        EventType.RUNNER_REPLACED,
                        new RunnerChange(Samples.REF, 1, null, "", 840),
                        ",'attempt':1,'took_ms':840"));
    }

    private static String data(EventType type, EventPayload payload) {
        return Json.text(EventWire.data(event(type, payload)));
    }

    private static CallEvent event(EventType type, EventPayload payload) {
        return new CallEvent(Samples.ID, 7, type, VirtualClock.START, payload, null);
    }
}
