package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.out.RequestException;

class PipecatcallWireTest {
    private static final String ID = "0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10";
    private static final String ZERO = "00000000-0000-0000-0000-000000000000";

    @Test
    void a_full_record_has_the_platforms_keys_in_their_order_and_then_ours() {
        assertThat(Json.text(PipecatcallWire.toMap(Samples.full()))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                        'customer_id':'11111111-1111-4111-8111-111111111111',
                        'activeflow_id':'22222222-2222-4222-8222-222222222222',
                        'reference_type':'ai_call',
                        'reference_id':'33333333-3333-4333-8333-333333333333',
                        'host_id':'10.0.0.7',
                        'llm_type':'openai.gpt-4o',
                        'llm_messages':[{'role':'system'}],
                        'stt_type':'deepgram',
                        'stt_language':'en-US',
                        'tts_type':'cartesia',
                        'tts_language':'en',
                        'tts_voice_id':'voice-1',
                        'tm_create':'2026-01-02T03:04:05.123456Z',
                        'tm_update':'2026-01-02T03:04:06.000000Z',
                        'tm_delete':'2026-01-02T03:04:07.500000Z',
                        'status':'ended',
                        'end_reason':'caller_hung_up',
                        'tm_end':'2026-01-02T03:04:08.000001Z',
                        'agent':'reception'}
                        """));
    }

    @Test
    void a_bare_record_prints_zero_ids_and_null_times_and_leaves_the_rest_out() {
        assertThat(Json.text(PipecatcallWire.toMap(Samples.bare()))).isEqualTo(Json.line("""
                        {'id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
                        'customer_id':'00000000-0000-0000-0000-000000000000',
                        'activeflow_id':'00000000-0000-0000-0000-000000000000',
                        'reference_id':'00000000-0000-0000-0000-000000000000',
                        'tm_create':null,'tm_update':null,'tm_delete':null}
                        """));
    }

    @Test
    void a_record_of_the_service_we_replace_is_read() {
        var call = PipecatcallWire.fromMap(Map.of(
                "id",
                ID,
                "customer_id",
                ZERO,
                "reference_type",
                "call",
                "host_id",
                "10.0.0.9",
                "tm_create",
                "2026-01-02T05:04:05+02:00",
                "something_new",
                List.of(1)));

        assertThat(call.id()).isEqualTo(Samples.ID);
        assertThat(call.referenceType()).isEqualTo(ReferenceType.CALL);
        assertThat(call.hostId()).isEqualTo("10.0.0.9");
        assertThat(call.created()).isEqualTo(Instant.parse("2026-01-02T03:04:05Z"));
        assertThat(call.status()).isNull();
        assertThat(call.llmMessages()).isEmpty();
    }

    @Test
    void a_record_survives_the_way_there_and_back_up_to_the_microsecond() {
        var there = PipecatcallWire.toMap(Samples.full());
        assertThat(PipecatcallWire.toMap(PipecatcallWire.fromMap(there))).isEqualTo(there);
        assertThat(PipecatcallWire.fromMap(PipecatcallWire.toMap(Samples.bare())))
                .isEqualTo(Samples.bare());
    }

    @Test
    void a_malformed_time_is_refused_with_its_key() {
        var map = new LinkedHashMap<String, Object>(Map.of("id", ID, "tm_update", "yesterday"));
        assertThatThrownBy(() -> PipecatcallWire.fromMap(map))
                .isInstanceOf(RequestException.class)
                .hasMessage("tm_update is 'yesterday'; use RFC 3339 such as 2026-01-02T03:04:05.000006Z");
    }
}
