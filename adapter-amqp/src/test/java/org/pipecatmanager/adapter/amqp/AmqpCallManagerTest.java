package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.ManagerException.Kind;
import org.pipecatmanager.ports.testing.VirtualClock;

class AmqpCallManagerTest {
    private static final UUID CALL = UUID.fromString("33333333-3333-4333-8333-333333333333");
    private static final PipecatcallId ID = PipecatcallId.parse("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");

    private final ScriptedExchange exchange = new ScriptedExchange();
    private final RecordingRpcMeter meter = new RecordingRpcMeter();
    private final AmqpCallManager calls = new AmqpCallManager(exchange, meter, new VirtualClock());

    @Test
    void a_call_is_looked_up_within_three_seconds() {
        exchange.json(Map.of("id", CALL.toString(), "status", "progressing"));
        assertThat(calls.call(CALL)).isEqualTo(new PlatformCall(CALL, "progressing"));
        assertThat(exchange.only())
                .isEqualTo(new ScriptedExchange.Asked(
                        "bin-manager.call-manager.request",
                        RpcCall.of("GET", "/v1/calls/" + CALL),
                        Duration.ofSeconds(3)));
        assertThat(meter.lines).containsExactly("requested call-manager GET /v1/calls/<call-id> 0");
    }

    @Test
    void media_is_started_within_ten_seconds_whatever_the_answer_holds() {
        exchange.answer(200, "application/json", null);
        calls.startExternalMedia(new ExternalMediaRequest(ID, CALL, "10.0.0.7:9092", "slin16"));
        var asked = exchange.only();
        assertThat(asked.request().method()).isEqualTo("POST");
        assertThat(asked.request().uri()).isEqualTo("/v1/external-medias");
        assertThat(asked.request().data()).hasSize(10).satisfies(data -> {
            assertThat(data.get("encapsulation")).isEqualTo("audiosocket");
            assertThat(data.get("format")).isEqualTo("slin16");
        });
        assertThat(asked.deadline()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void media_that_is_gone_already_is_as_good_as_stopped() {
        exchange.answer(404, "", null);
        calls.stopExternalMedia(ID);
        assertThat(exchange.only())
                .isEqualTo(new ScriptedExchange.Asked(
                        "bin-manager.call-manager.request",
                        RpcCall.of("DELETE", "/v1/external-medias/" + ID),
                        Duration.ofSeconds(10)));
    }

    @Test
    void media_that_cannot_be_stopped_is_an_error() {
        exchange.answer(500, "", null);
        var refused = catchThrowableOfType(ManagerException.class, () -> calls.stopExternalMedia(ID));
        assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
        assertThat(refused).hasMessage("call-manager: DELETE /v1/external-medias/" + ID + " was answered 500");
    }

    @Test
    void a_call_that_is_malformed_is_told_by_its_key() {
        exchange.json(Map.of("status", 7));
        var refused = catchThrowableOfType(ManagerException.class, () -> calls.call(CALL));
        assertThat(refused.kind()).isEqualTo(Kind.REFUSED);
        assertThat(refused)
                .hasMessage("call-manager: GET /v1/calls/" + CALL
                        + " was answered with data that cannot be read: status is a number; use text");
    }

    @Test
    void a_service_that_does_not_answer_is_unreachable() {
        exchange.fail(RpcFailure.Why.TIMED_OUT);
        var refused = catchThrowableOfType(ManagerException.class, () -> calls.call(CALL));
        assertThat(refused.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(refused).hasMessageStartingWith("call-manager: ");
    }
}
