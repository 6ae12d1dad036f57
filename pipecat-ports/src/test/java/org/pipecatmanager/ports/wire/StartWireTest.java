package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.contract.Events;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.RequestException;

class StartWireTest {
    private static final String ID = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";

    @Test
    void every_field_of_a_start_is_read() {
        var body = new LinkedHashMap<String, Object>();
        body.put("id", ID);
        body.put("customer_id", "11111111-1111-4111-8111-111111111111");
        body.put("activeflow_id", "22222222-2222-4222-8222-222222222222");
        body.put("reference_type", "ai_call");
        body.put("reference_id", "33333333-3333-4333-8333-333333333333");
        body.put("llm_type", "openai.gpt-4o");
        body.put("llm_messages", List.of(Map.of("role", "user")));
        body.put("stt_type", "deepgram");
        body.put("stt_language", "en-US");
        body.put("tts_type", "cartesia");
        body.put("tts_language", "en");
        body.put("tts_voice_id", "voice-1");
        body.put("agent", "reception");
        body.put("unheard_of", 7);

        assertThat(StartWire.fromMap(body))
                .isEqualTo(new StartCommand(
                        Samples.ID,
                        Samples.CUSTOMER,
                        Samples.ACTIVEFLOW,
                        ReferenceType.AI_CALL,
                        Samples.REFERENCE,
                        "openai.gpt-4o",
                        List.of(Map.of("role", "user")),
                        "deepgram",
                        "en-US",
                        "cartesia",
                        "en",
                        "voice-1",
                        "reception"));
    }

    @Test
    void without_an_id_a_start_over_rpc_is_refused_and_one_over_http_gets_the_next() {
        var body = Map.of("agent", "reception");

        var refusal = catchThrowableOfType(RequestException.class, () -> StartWire.fromMap(body));
        assertThat(refusal.status()).isEqualTo(RequestException.Status.INVALID_ARGUMENT);
        assertThat(refusal.reason()).isEqualTo("INVALID_FIELD");
        assertThat(refusal).hasMessage("id is missing or zero; give the call's UUID");

        assertThat(StartWire.fromMap(body, new SequentialIds()).id().value()).isEqualTo(SequentialIds.id(1));
        assertThat(StartWire.fromMap(Map.of("id", Ids.ZERO.toString()), new SequentialIds())
                        .id()
                        .value())
                .isEqualTo(SequentialIds.id(1));
        assertThat(StartWire.fromMap(Map.of("id", ID), new SequentialIds()).id())
                .isEqualTo(Samples.ID);
    }

    @Test
    void null_is_as_good_as_missing() {
        var body = new HashMap<String, @Nullable Object>();
        body.put("id", ID);
        for (var key : List.of("customer_id", "reference_type", "llm_type", "llm_messages", "agent")) {
            body.put(key, null);
        }
        assertThat(StartWire.fromMap(body)).isEqualTo(StartCommand.ofAgent(Samples.ID, ""));
    }

    @Test
    void the_zero_id_is_refused_over_rpc() {
        assertThatThrownBy(() -> StartWire.fromMap(Map.of("id", Ids.ZERO.toString())))
                .isInstanceOf(RequestException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    customer_id    | not-a-uuid | customer_id is 'not-a-uuid'; use a UUID such as 0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10
                    reference_type | fax        | reference_type 'fax' is unknown; use call or ai_call
                    llm_messages   | hello      | llm_messages is text; use a list of objects
                    """)
    void a_malformed_field_is_refused_with_key_value_and_way_out(String key, String value, String message) {
        assertThatThrownBy(() -> StartWire.fromMap(Map.of("id", ID, key, value)))
                .isInstanceOf(RequestException.class)
                .hasMessage(message);
    }

    @Test
    void a_wrong_type_is_named_but_its_value_is_not_told() {
        assertThatThrownBy(() -> StartWire.fromMap(Map.of("id", ID, "llm_type", List.of("my secret"))))
                .hasMessage("llm_type is a list; use text");
        assertThatThrownBy(() -> StartWire.fromMap(Map.of("id", ID, "llm_messages", List.of(Map.of(), "my secret"))))
                .hasMessage("llm_messages[1] is text; use an object");
        assertThatThrownBy(() -> StartWire.fromMap(Map.of("id", 7))).hasMessage("id is a number; use text");
    }

    @Test
    void a_huge_value_is_cut_in_the_complaint() {
        assertThatThrownBy(() -> StartWire.fromMap(Map.of("id", "x".repeat(100_000))))
                .satisfies(e -> assertThat(String.valueOf(e.getMessage())).hasSizeLessThan(160));
    }

    @Test
    void free_messages_keep_their_order_and_nulls_and_are_cut_off_from_the_body() {
        var message = new LinkedHashMap<String, @Nullable Object>();
        message.put("role", "assistant");
        message.put("content", null);
        message.put("tool_calls", new ArrayList<>(List.of(new HashMap<>(Map.of("id", "t1")))));
        var command = StartWire.fromMap(Map.of("id", ID, "llm_messages", List.of(message)));
        message.put("role", "changed");

        assertThat(Json.text(command.llmMessages()))
                .isEqualTo("[{'role':'assistant','content':null,'tool_calls':[{'id':'t1'}]}]");
        assertThatThrownBy(() -> command.llmMessages().getFirst().put("role", "x"))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void a_client_sends_only_what_is_given() {
        assertThat(Json.text(StartWire.toMap(StartCommand.ofAgent(Samples.ID, "reception"))))
                .isEqualTo("{'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10','agent':'reception'}");
    }

    @Test
    void a_trace_is_no_part_of_the_body_or_the_fingerprint() {
        var plain = StartWire.fromMap(Map.of("id", ID, "agent", "reception"));
        var traced = plain.withTrace(Events.TRACE);

        assertThat(traced.trace()).isEqualTo(Events.TRACE);
        assertThat(StartWire.toMap(traced)).isEqualTo(StartWire.toMap(plain));
        assertThat(StartWire.hash(traced)).isEqualTo(StartWire.hash(plain));
        assertThat(StartWire.fromMap(Map.of("id", ID, "agent", "reception", "traceparent", Events.TRACE.traceparent())))
                .isEqualTo(plain);
    }

    @Test
    void the_fingerprint_depends_on_what_is_asked_and_not_on_how_it_was_written() {
        var sparse = StartWire.fromMap(Map.of("id", ID, "agent", "reception"));
        var chatty = new LinkedHashMap<String, @Nullable Object>();
        chatty.put("agent", "reception");
        chatty.put("reference_type", "");
        chatty.put("customer_id", Ids.ZERO.toString());
        chatty.put("stt_type", null);
        chatty.put("id", "0D5F1F2E-7C1A-4A53-9C0E-3F5D8C6B7A10");

        assertThat(StartWire.hash(StartWire.fromMap(chatty))).isEqualTo(StartWire.hash(sparse));
        assertThat(StartWire.hash(StartCommand.ofAgent(Samples.ID, "sales"))).isNotEqualTo(StartWire.hash(sparse));
    }
}
