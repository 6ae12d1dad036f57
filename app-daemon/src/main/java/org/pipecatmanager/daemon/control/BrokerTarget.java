package org.pipecatmanager.daemon.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Asks over the broker: any daemon by the shared queue, the owner of a call by its host's. */
final class BrokerTarget implements ControlTarget {
    private static final String SHARED_QUEUE = "bin-manager.pipecat-manager.request";
    private static final String CALLS = "/v1/pipecatcalls";
    /** The first status that is an error, as the platform's services have it. */
    private static final int ERRORS = 300;

    private final Rpc rpc;

    BrokerTarget(Rpc rpc) {
        this.rpc = rpc;
    }

    /** A start needs an id before it is sent: over the broker nobody makes one. */
    @Override
    public JsonNode ask(String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException {
        if (body != null && path.equals(CALLS) && !body.containsKey("id")) {
            Map<String, Object> identified = new LinkedHashMap<>();
            identified.put("id", UUID.randomUUID().toString());
            identified.putAll(body);
            return on(SHARED_QUEUE, method, path, identified);
        }
        return on(SHARED_QUEUE, method, path, body);
    }

    @Override
    public JsonNode askOwner(String callId, String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException {
        JsonNode call = on(SHARED_QUEUE, "GET", CALLS + "/" + callId, null);
        String owner = call.path("host_id").asString("");
        return on(owner.isEmpty() ? SHARED_QUEUE : SHARED_QUEUE + "." + owner, method, path, body);
    }

    private JsonNode on(String queue, String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException {
        Rpc.Answer answer = rpc.call(queue, method, path, body);
        if (answer.status() >= ERRORS) {
            throw ControlTarget.refusal(answer.status(), answer.data());
        }
        return answer.data();
    }

    @Override
    public void close() {
        rpc.close();
    }
}
