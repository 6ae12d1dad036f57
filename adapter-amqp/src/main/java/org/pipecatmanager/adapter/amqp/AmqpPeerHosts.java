package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.MessageCommand;
import org.pipecatmanager.ports.model.Ping;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.PeerHosts;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.ErrorWire;
import org.pipecatmanager.ports.wire.MessageWire;
import org.pipecatmanager.ports.wire.PingWire;
import org.pipecatmanager.ports.wire.PipecatcallWire;

/** The other daemons, each on the queue of its host. Safe for all threads that may block. */
public final class AmqpPeerHosts implements PeerHosts {
    /** One label for all of them: hosts come and go, metrics stay. */
    static final String TARGET = "pipecat-manager.host";

    /** A host that is there answers at once; whoever asked us waits 3 s in all. */
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private static final int NOT_FOUND = 404;

    private final RpcTarget target;

    /** Asks through a client that others use too. */
    public AmqpPeerHosts(RpcClient client, RpcMeter meter, TimeSource time) {
        this(client::exchange, meter, time);
    }

    AmqpPeerHosts(RpcTarget.Exchange exchange, RpcMeter meter, TimeSource time) {
        this.target = new RpcTarget(TARGET, exchange, meter, time);
    }

    @Override
    public Pipecatcall stop(String hostId, PipecatcallId id) {
        return ask(
                hostId,
                RpcCall.of("POST", "/v1/pipecatcalls/" + id + "/stop"),
                "/v1/pipecatcalls/<pipecatcall-id>/stop",
                PipecatcallWire::fromMap);
    }

    @Override
    public Message sendMessage(String hostId, MessageCommand command) {
        return ask(
                hostId,
                RpcCall.of("POST", "/v1/messages", MessageWire.toMap(command)),
                "/v1/messages",
                MessageWire::fromMap);
    }

    @Override
    public Ping ping(String hostId) {
        return ask(hostId, RpcCall.of("GET", "/v1/ping"), "/v1/ping", PingWire::fromMap);
    }

    private <T> T ask(String hostId, RpcCall plain, String resource, Function<Map<String, ?>, T> mapper) {
        var request = plain.forwarded();
        var answer = target.ask(RpcServerConfig.queueOf(hostId), request, resource, DEADLINE);
        if (!answer.isSuccess()) {
            throw refusal(hostId, request, answer);
        }
        return target.read(request, answer, mapper);
    }

    /** The other's own words where it has some; the service we replace often gives a code alone. */
    private static RequestException refusal(String hostId, RpcCall request, RpcAnswer answer) {
        var data = answer.dataType().equals(ErrorWire.DATA_TYPE) ? RpcTarget.object(answer.data()) : null;
        if (data != null && data.get("reason") instanceof String && data.get("message") instanceof String) {
            return ErrorWire.fromMap(answer.statusCode(), data);
        }
        return answer.statusCode() == NOT_FOUND
                ? RequestException.notFound()
                : new RequestException(
                        ErrorWire.statusOfCode(answer.statusCode()),
                        "HOST_REFUSED",
                        "host " + hostId + " answered " + request + " with " + answer.statusCode()
                                + " and no reason; its log may have one");
    }
}
