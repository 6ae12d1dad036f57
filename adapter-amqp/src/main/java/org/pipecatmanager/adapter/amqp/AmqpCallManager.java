package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.UUID;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PlatformCall;
import org.pipecatmanager.ports.out.CallManager;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.ExternalMediaWire;

/** call-manager on its queue. Safe for all threads that may block. */
public final class AmqpCallManager implements CallManager {
    static final String TARGET = "call-manager";
    static final String QUEUE = "bin-manager.call-manager.request";
    /** The platform's default for a request between services. */
    private static final Duration DEADLINE = Duration.ofSeconds(3);
    /** call-manager itself waits as long for Asterisk. */
    private static final Duration MEDIA_DEADLINE = Duration.ofSeconds(10);

    private static final int NOT_FOUND = 404;

    private final RpcTarget target;

    /** Asks through a client that others use too. */
    public AmqpCallManager(RpcClient client, RpcMeter meter, TimeSource time) {
        this(client::exchange, meter, time);
    }

    AmqpCallManager(RpcTarget.Exchange exchange, RpcMeter meter, TimeSource time) {
        this.target = new RpcTarget(TARGET, exchange, meter, time);
    }

    @Override
    public PlatformCall call(UUID id) {
        var request = RpcCall.of("GET", "/v1/calls/" + id);
        return target.read(
                request, target.ask(QUEUE, request, "/v1/calls/<call-id>", DEADLINE), ExternalMediaWire::callFromMap);
    }

    /** Waits at most 10 s, as call-manager waits for Asterisk. */
    @Override
    public void startExternalMedia(ExternalMediaRequest media) {
        var request = RpcCall.of("POST", "/v1/external-medias", ExternalMediaWire.toMap(media));
        target.succeeded(request, target.ask(QUEUE, request, "/v1/external-medias", MEDIA_DEADLINE));
    }

    /** Waits at most 10 s. */
    @Override
    public void stopExternalMedia(PipecatcallId id) {
        var request = RpcCall.of("DELETE", "/v1/external-medias/" + id);
        var answer = target.ask(QUEUE, request, "/v1/external-medias/<external-media-id>", MEDIA_DEADLINE);
        if (answer.statusCode() != NOT_FOUND) {
            target.succeeded(request, answer);
        }
    }
}
