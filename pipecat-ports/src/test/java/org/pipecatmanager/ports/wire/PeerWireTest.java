package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.pipecatmanager.ports.testing.VirtualClock;

/** What other daemons and tools answer. */
class PeerWireTest {
    @Test
    void a_ping_is_read_as_it_is_written_and_without_an_instance_too() {
        var ping = new Ping("10.0.0.7", VirtualClock.START, "i-1");
        assertThat(PingWire.fromMap(PingWire.toMap(ping))).isEqualTo(ping);
        assertThat(PingWire.fromMap(Map.of("host_id", "h", "timestamp", "2026-01-02T03:04:05.000006Z")))
                .isEqualTo(new Ping("h", VirtualClock.START, ""));
        assertThatThrownBy(() -> PingWire.fromMap(Map.of("host_id", "h"))).hasMessage("timestamp is missing; give it");
    }

    @Test
    void a_message_is_read_as_it_is_written() {
        var message = new Message(UUID.randomUUID(), Samples.REF, Samples.CUSTOMER, "hello", 3);
        assertThat(MessageWire.fromMap(MessageWire.toMap(message))).isEqualTo(message);
        var bare = new Message(UUID.randomUUID(), Samples.REF, Ids.ZERO, "", 0);
        assertThat(MessageWire.fromMap(MessageWire.toMap(bare))).isEqualTo(bare);
    }

    @Test
    void a_sequence_that_is_no_whole_number_is_refused() {
        var map = MessageWire.toMap(new Message(UUID.randomUUID(), Samples.REF, Ids.ZERO, "hello", 0));
        map.put("sequence", 1.5);
        assertThatThrownBy(() -> MessageWire.fromMap(map)).hasMessage("sequence is a number; use a whole number");
    }

    @Test
    void a_refusal_is_read_as_it_is_written() {
        var refusal = new RequestException(Status.FAILED_PRECONDITION, "NOT_LIVE", "the call is not live yet");
        var read = ErrorWire.fromMap(409, ErrorWire.toMap(refusal));
        assertThat(read.status()).isEqualTo(Status.FAILED_PRECONDITION);
        assertThat(read.reason()).isEqualTo("NOT_LIVE");
        assertThat(read).hasMessage("the call is not live yet");
    }

    @ParameterizedTest
    @CsvSource({
        "PAYMENT_REQUIRED, 402, INVALID_ARGUMENT",
        "'', 404, NOT_FOUND",
        "ABORTED, 409, ALREADY_EXISTS",
        "'', 500, INTERNAL",
        "WHATEVER, 599, INTERNAL",
        "UNAVAILABLE, 500, UNAVAILABLE"
    })
    void the_name_of_a_status_goes_before_its_code(String name, int code, Status expected) {
        assertThat(ErrorWire.fromMap(code, Map.of("status", name)).status()).isEqualTo(expected);
    }

    @Test
    void a_tool_call_keeps_the_text_of_its_arguments() {
        var call = new ToolCall("call_1", "send_email", "{\"a\": 1}", Map.of("a", 1));
        assertThat(Json.text(ToolWire.toMap(call)))
                .isEqualTo(
                        "{'id':'call_1','type':'function','function':{'name':'send_email','arguments':'{\"a\": 1}'}}");
    }

    @Test
    void what_a_tool_answers_besides_the_known_keys_is_its_data() {
        assertThat(ToolWire.resultFromMap(
                        "call_1",
                        Map.of(
                                "tool_call_id", "call_1",
                                "result", "success",
                                "message", "sent",
                                "resource_type", "email",
                                "resource_id", "e-1",
                                "queue", Map.of("position", 2))))
                .isEqualTo(
                        new ToolResult("call_1", true, "sent", "email", "e-1", Map.of("queue", Map.of("position", 2))));
    }

    @Test
    void a_tool_that_failed_says_so_and_an_answer_without_an_id_takes_the_calls() {
        assertThat(ToolWire.resultFromMap("call_1", Map.of("result", "failed", "message", "no such address")))
                .isEqualTo(new ToolResult("call_1", false, "no such address", "", "", null));
    }

    @Test
    void a_result_that_is_neither_is_refused() {
        assertThatThrownBy(() -> ToolWire.resultFromMap("call_1", Map.of("result", "maybe")))
                .hasMessage("result is 'maybe'; use success or failed");
        assertThatThrownBy(() -> ToolWire.resultFromMap("call_1", Map.of()))
                .hasMessage("result is ''; use success or failed");
    }
}
