package org.pipecatmanager.ports.wire;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.pipecatmanager.ports.model.EndReason;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.SessionRef;

/** Values with recognisable fields. */
final class Samples {
    static final PipecatcallId ID = PipecatcallId.parse("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");
    static final UUID CUSTOMER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    static final UUID ACTIVEFLOW = UUID.fromString("22222222-2222-4222-8222-222222222222");
    static final UUID REFERENCE = UUID.fromString("33333333-3333-4333-8333-333333333333");
    static final SessionRef REF = new SessionRef(CUSTOMER, ID, ReferenceType.AI_CALL, REFERENCE, ACTIVEFLOW);
    static final String REF_KEYS = Json.line("""
            'customer_id':'11111111-1111-4111-8111-111111111111',
            'pipecatcall_id':'0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10',
            'pipecatcall_reference_type':'ai_call',
            'pipecatcall_reference_id':'33333333-3333-4333-8333-333333333333',
            'activeflow_id':'22222222-2222-4222-8222-222222222222'
            """);

    private Samples() {}

    /** Every field is there. */
    static Pipecatcall full() {
        return new Pipecatcall(
                ID,
                CUSTOMER,
                ACTIVEFLOW,
                ReferenceType.AI_CALL,
                REFERENCE,
                "10.0.0.7",
                "openai.gpt-4o",
                List.of(Map.of("role", "system")),
                "deepgram",
                "en-US",
                "cartesia",
                "en",
                "voice-1",
                PipecatcallStatus.ENDED,
                EndReason.CALLER_HUNG_UP,
                "reception",
                Instant.parse("2026-01-02T03:04:05.123456789Z"),
                Instant.parse("2026-01-02T03:04:06Z"),
                Instant.parse("2026-01-02T03:04:07.5Z"),
                Instant.parse("2026-01-02T03:04:08.000001Z"));
    }

    /** Nothing is there but the id. */
    static Pipecatcall bare() {
        return new Pipecatcall(
                ID,
                Ids.ZERO,
                Ids.ZERO,
                ReferenceType.NONE,
                Ids.ZERO,
                "",
                "",
                List.of(),
                "",
                "",
                "",
                "",
                "",
                null,
                null,
                "",
                null,
                null,
                null,
                null);
    }
}
