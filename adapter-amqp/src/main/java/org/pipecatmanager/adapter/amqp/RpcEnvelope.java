package org.pipecatmanager.adapter.amqp;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.wire.EventWire;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Request and answer of the platform's RPC as JSON. Pure; safe for all threads. */
final class RpcEnvelope {
    /** Content type of every message of the platform, although all of them are JSON. */
    static final String CONTENT_TYPE = "text/plain";

    private static final String JSON = "application/json";
    private static final JsonMapper MAPPER = new JsonMapper();

    private RpcEnvelope() {}

    /**
     * Keys in order: {@code uri}, {@code method}, {@code publisher}, {@code data_type} (empty without data), {@code data} (left
     * out without data), {@code request_id}.
     */
    static byte[] write(RpcCall request, String requestId) {
        var envelope = new LinkedHashMap<String, @Nullable Object>();
        envelope.put("uri", request.uri());
        envelope.put("method", request.method());
        envelope.put("publisher", EventWire.PUBLISHER);
        envelope.put("data_type", request.data() == null ? "" : JSON);
        if (request.data() != null) {
            envelope.put("data", request.data());
        }
        envelope.put("request_id", requestId);
        return MAPPER.writeValueAsBytes(envelope);
    }

    /** The answer, or null when {@code body} is none: no JSON object, or one without a status code. */
    static @Nullable RpcAnswer read(byte[] body) {
        Object value;
        try {
            value = MAPPER.readValue(body, Object.class);
        } catch (JacksonException e) {
            return null;
        }
        if (value instanceof Map<?, ?> envelope && envelope.get("status_code") instanceof Integer code) {
            return new RpcAnswer(
                    code, envelope.get("data_type") instanceof String type ? type : "", envelope.get("data"));
        }
        return null;
    }
}
