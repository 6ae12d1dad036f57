package org.pipecatmanager.adapter.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RpcEnvelopeTest {
    @Test
    void a_request_has_the_platforms_keys_in_their_order() {
        var data = new LinkedHashMap<String, Object>();
        data.put("name", "jörg");
        data.put("list", List.of(1, true));
        assertThat(new String(RpcEnvelope.write(RpcCall.of("POST", "/v1/messages", data), "r-1"), UTF_8))
                .isEqualTo("{\"uri\":\"/v1/messages\",\"method\":\"POST\",\"publisher\":\"pipecat-manager\","
                        + "\"data_type\":\"application/json\",\"data\":{\"name\":\"jörg\",\"list\":[1,true]},"
                        + "\"request_id\":\"r-1\"}");
    }

    @Test
    void a_request_without_data_leaves_it_out() {
        assertThat(new String(RpcEnvelope.write(RpcCall.of("GET", "/v1/tools"), "r-1"), UTF_8))
                .isEqualTo("{\"uri\":\"/v1/tools\",\"method\":\"GET\",\"publisher\":\"pipecat-manager\","
                        + "\"data_type\":\"\",\"request_id\":\"r-1\"}");
    }

    @Test
    void an_answer_is_read_with_and_without_data() {
        var full = RpcEnvelope.read(
                "{\"status_code\":200,\"data_type\":\"application/json\",\"data\":{\"a\":[1]},\"new\":1}"
                        .getBytes(UTF_8));
        assertThat(full).isEqualTo(new RpcAnswer(200, "application/json", Map.of("a", List.of(1))));
        assertThat(RpcEnvelope.read("{\"status_code\":404}".getBytes(UTF_8))).isEqualTo(new RpcAnswer(404, "", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "null", "{}", "{\"status_code\":\"200\"}", "{\"status_code\":200} x", "\u0000"})
    void anything_else_is_no_answer(String body) {
        assertThat(RpcEnvelope.read(body.getBytes(UTF_8))).isNull();
    }
}
