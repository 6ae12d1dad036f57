package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.SessionRef;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.pipecatmanager.ports.testing.VirtualClock;
import org.pipecatmanager.ports.wire.ErrorWire;
import org.pipecatmanager.ports.wire.MessageWire;
import org.pipecatmanager.ports.wire.PingWire;

class AmqpPeerHostsTest {
    private static final PipecatcallId ID = PipecatcallId.parse("0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10");

    private final ScriptedExchange exchange = new ScriptedExchange();
    private final RecordingRpcMeter meter = new RecordingRpcMeter();
    private final AmqpPeerHosts peers = new AmqpPeerHosts(exchange, meter, new VirtualClock());

    @Test
    void a_host_is_asked_on_its_own_queue_for_a_second_and_does_not_hand_on() {
        var ping = new Ping("10.0.0.8", VirtualClock.START, "i-2");
        exchange.json(PingWire.toMap(ping));
        assertThat(peers.ping("10.0.0.8")).isEqualTo(ping);
        var asked = exchange.only();
        assertThat(asked.queue()).isEqualTo("bin-manager.pipecat-manager.request.10.0.0.8");
        assertThat(asked.deadline()).isEqualTo(Duration.ofSeconds(1));
        assertThat(asked.request())
                .isEqualTo(new RpcCall("GET", "/v1/ping", null, Map.of("x-pipecat-forwarded", "true")));
    }

    @Test
    void no_metric_names_a_host() {
        exchange.json(PingWire.toMap(new Ping("10.0.0.8", VirtualClock.START, "")));
        peers.ping("10.0.0.8");
        for (int i = 0; i < 6; i++) {
            exchange.fail(RpcFailure.Why.TIMED_OUT);
            assertThatThrownBy(() -> peers.ping("10.0.0.8")).isInstanceOf(ManagerException.class);
        }
        assertThat(meter.lines)
                .contains("moved pipecat-manager.host closed open", "rejected pipecat-manager.host")
                .noneMatch(line -> line.contains("10.0.0.8"));
    }

    @Test
    void a_stop_answers_the_record() {
        exchange.json(Map.of("id", ID.toString(), "reference_type", "call", "host_id", "10.0.0.8"));
        assertThat(peers.stop("10.0.0.8", ID).hostId()).isEqualTo("10.0.0.8");
        assertThat(exchange.only().request().uri()).isEqualTo("/v1/pipecatcalls/" + ID + "/stop");
        assertThat(exchange.only().request().method()).isEqualTo("POST");
    }

    @Test
    void a_message_is_handed_on_whole_and_its_answer_comes_back() {
        var ref = new SessionRef(Ids.ZERO, ID, ReferenceType.CALL, Ids.ZERO, Ids.ZERO);
        var message = new Message(UUID.randomUUID(), ref, Ids.ZERO, "hello", 0);
        exchange.json(MessageWire.toMap(message));
        var command = new MessageCommand(ID, "m-1", "hello", true, true);
        assertThat(peers.sendMessage("10.0.0.8", command)).isEqualTo(message);
        assertThat(exchange.only().request().data()).isEqualTo(MessageWire.toMap(command));
        assertThat(exchange.only().request().uri()).isEqualTo("/v1/messages");
    }

    @Test
    void the_words_of_the_other_daemon_are_passed_on() {
        var refusal = new RequestException(Status.FAILED_PRECONDITION, "NOT_LIVE", "the call is not live yet");
        exchange.answer(409, "voipbin_error", ErrorWire.toMap(refusal));
        var passedOn = catchThrowableOfType(RequestException.class, () -> peers.stop("10.0.0.8", ID));
        assertThat(passedOn.status()).isEqualTo(Status.FAILED_PRECONDITION);
        assertThat(passedOn.reason()).isEqualTo("NOT_LIVE");
        assertThat(passedOn).hasMessage("the call is not live yet");
    }

    @Test
    void a_bare_404_is_a_call_that_is_not_there() {
        exchange.answer(404, "", null);
        var refused = catchThrowableOfType(RequestException.class, () -> peers.stop("10.0.0.8", ID));
        assertThat(refused.reason()).isEqualTo("PIPECATCALL_NOT_FOUND");
    }

    @Test
    void another_bare_error_keeps_its_code() {
        exchange.answer(500, "", null);
        var refused = catchThrowableOfType(RequestException.class, () -> peers.stop("10.0.0.8", ID));
        assertThat(refused.status()).isEqualTo(Status.INTERNAL);
        assertThat(refused)
                .hasMessage("host 10.0.0.8 answered POST /v1/pipecatcalls/" + ID
                        + "/stop with 500 and no reason; its log may have one");
    }

    @Test
    void a_host_that_does_not_answer_is_unreachable() {
        exchange.fail(RpcFailure.Why.NO_QUEUE);
        var refused = catchThrowableOfType(ManagerException.class, () -> peers.ping("10.0.0.8"));
        assertThat(refused.kind()).isEqualTo(ManagerException.Kind.UNREACHABLE);
    }
}
