package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.model.ListQuery;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Page;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.testing.VirtualClock;

/** What is asked besides a start, and its answers. */
class RequestWireTest {
    private static final String ID = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";

    @Test
    void a_message_is_read_and_its_flags_are_false_unless_given() {
        assertThat(MessageWire.commandFromMap(Map.of(
                        "pipecatcall_id", ID, "message_id", "m1", "message_text", "hello", "run_immediately", true)))
                .isEqualTo(new MessageCommand(Samples.ID, "m1", "hello", true, false));
    }

    @Test
    void a_message_without_a_call_is_refused() {
        assertThatThrownBy(() -> MessageWire.commandFromMap(Map.of("message_text", "hello")))
                .isInstanceOf(RequestException.class)
                .hasMessage("pipecatcall_id is missing or zero; give the call's UUID");
    }

    @Test
    void a_flag_that_is_text_is_refused() {
        assertThatThrownBy(() -> MessageWire.commandFromMap(Map.of("pipecatcall_id", ID, "audio_response", "true")))
                .hasMessage("audio_response is text; use true or false");
    }

    @Test
    void a_client_writes_the_message_that_is_read() {
        var command = new MessageCommand(Samples.ID, "", "hello", false, true);
        assertThat(Json.text(MessageWire.toMap(command)))
                .isEqualTo("{'pipecatcall_id':'" + ID
                        + "','message_text':'hello','run_immediately':false,'audio_response':true}");
        assertThat(MessageWire.commandFromMap(MessageWire.toMap(command))).isEqualTo(command);
    }

    @Test
    void a_handover_is_read_from_what_the_runner_posts() {
        var read = MemberWire.switchFromMap(Map.of(
                "transition_function_name", "to_support",
                "from_member",
                        Map.of(
                                "id",
                                ID,
                                "name",
                                "sales",
                                "engine_model",
                                "m",
                                "tts_type",
                                "t",
                                "tts_voice_id",
                                "v",
                                "stt_type",
                                "s",
                                "engine_key",
                                "ignored"),
                "to_member", Map.of("name", "support")));
        assertThat(read)
                .isEqualTo(new MemberWire.Switch(
                        "to_support",
                        new Member(ID, "sales", "m", "t", "v", "s"),
                        new Member("", "support", "", "", "", "")));
    }

    @Test
    void a_complaint_about_a_member_names_the_path() {
        assertThatThrownBy(() -> MemberWire.switchFromMap(Map.of("from_member", Map.of("id", "x"))))
                .hasMessageStartingWith("from_member.id is 'x'; use a UUID");
        assertThatThrownBy(() -> MemberWire.switchFromMap(Map.of("to_member", "x")))
                .hasMessage("to_member is text; use an object");
    }

    @Test
    void a_ping_is_answered_with_host_and_time() {
        assertThat(Json.text(PingWire.toMap(new Ping("local", VirtualClock.START, ""))))
                .isEqualTo("{'host_id':'local','timestamp':'2026-01-02T03:04:05.000006Z'}");
    }

    @Test
    void an_error_has_the_platforms_shape() {
        assertThat(Json.text(ErrorWire.toMap(RequestException.notFound())))
                .isEqualTo("{'status':'NOT_FOUND','reason':'PIPECATCALL_NOT_FOUND','domain':'pipecat-manager',"
                        + "'message':'The pipecat call was not found.'}");
    }

    @Test
    void a_page_prints_its_token_also_when_there_is_none() {
        assertThat(Json.text(ListWire.toMap(new Page<>(List.of("a", "b"), "t"), one -> Map.of("x", one))))
                .isEqualTo("{'result':[{'x':'a'},{'x':'b'}],'next_page_token':'t'}");
        assertThat(Json.text(ListWire.toMap(new Page<>(List.<String>of(), ""), one -> Map.of())))
                .isEqualTo("{'result':[],'next_page_token':''}");
    }

    @Test
    void a_query_is_read_from_its_parameters() {
        assertThat(ListWire.queryFromParameters(Map.of(
                        "page_size",
                        "7",
                        "page_token",
                        "t",
                        "customer_id",
                        ID,
                        "reference_id",
                        ID,
                        "host_id",
                        "h",
                        "status",
                        "live",
                        "other",
                        "x")))
                .isEqualTo(
                        new ListQuery(7, "t", UUID.fromString(ID), UUID.fromString(ID), "h", PipecatcallStatus.LIVE));
        assertThat(ListWire.queryFromParameters(Map.of())).isEqualTo(ListQuery.all());
        assertThat(ListWire.queryFromParameters(Map.of("page_size", "", "status", "", "host_id", "")))
                .isEqualTo(ListQuery.all());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1001", "-1", "ten", "1e2", "99999999999999999999"})
    void a_page_size_out_of_range_is_refused(String size) {
        assertThatThrownBy(() -> ListWire.queryFromParameters(Map.of("page_size", size)))
                .isInstanceOf(RequestException.class)
                .hasMessage("page_size is '" + size + "'; use 1 to 1000");
    }

    @Test
    void an_unknown_status_is_refused_with_the_known_ones() {
        assertThatThrownBy(() -> ListWire.queryFromParameters(Map.of("status", "gone")))
                .isInstanceOf(RequestException.class)
                .hasMessage("status 'gone' is unknown; use one of starting, live, ending, ended");
    }
}
