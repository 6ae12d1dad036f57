package org.pipecatmanager.adapter.amqp;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.ErrorWire;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Bytes of a request to its value, and of an answer from its value. Pure. */
final class RpcServerCodec {
    /** A start with a hundred messages has some ten thousand bytes. */
    static final int MAX_REQUEST_BYTES = 1024 * 1024;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String JSON_TYPE = "application/json";

    private RpcServerCodec() {}

    /**
     * Reads {@code {uri, method, publisher, data_type, data, request_id}}.
     *
     * @throws RequestException 400: too large, not JSON, not an object, or without method or path
     */
    static RpcRequest request(byte[] body) {
        if (body.length > MAX_REQUEST_BYTES) {
            throw RequestException.invalid(
                    "TOO_LARGE", "the request has " + body.length + " bytes; send at most " + MAX_REQUEST_BYTES);
        }
        var envelope = object(body);
        return new RpcRequest(
                text(envelope, "method", true),
                text(envelope, "uri", true),
                envelope.get("data"),
                text(envelope, "request_id", false));
    }

    /** {@code {status_code, data_type, data}} with a result. */
    static byte[] answer(Map<String, @Nullable Object> data) {
        return envelope(200, JSON_TYPE, data);
    }

    /** The same with the platform's error object. */
    static byte[] refusal(RequestException refusal) {
        return envelope(refusal.status().code(), ErrorWire.DATA_TYPE, ErrorWire.toMap(refusal));
    }

    private static byte[] envelope(int status, String dataType, Map<String, @Nullable Object> data) {
        var envelope = new LinkedHashMap<String, @Nullable Object>();
        envelope.put("status_code", status);
        envelope.put("data_type", dataType);
        envelope.put("data", data);
        return JSON.writeValueAsBytes(envelope);
    }

    private static Map<String, @Nullable Object> object(byte[] body) {
        try {
            if (JSON.readValue(body, Object.class) instanceof Map<?, ?> object) {
                @SuppressWarnings("unchecked") // what is read from JSON has texts for keys
                var envelope = (Map<String, @Nullable Object>) object;
                return envelope;
            }
        } catch (JacksonException e) {
            // The parser's message quotes its input, so it stays out.
            var place = e.getLocation();
            throw RequestException.invalid(
                    "BAD_JSON",
                    "the request of " + body.length + " bytes is not JSON"
                            + (place == null ? "" : ": line " + place.getLineNr() + ", column " + place.getColumnNr()));
        }
        throw RequestException.invalid("BAD_JSON", "the request is JSON but not an object; send {\"uri\":…}");
    }

    private static String text(Map<String, @Nullable Object> envelope, String key, boolean required) {
        var value = envelope.get(key);
        if (value instanceof String text && !(required && text.isEmpty())) {
            return text;
        }
        if (!required) {
            return value == null ? "" : value.toString();
        }
        throw RequestException.invalid("BAD_ENVELOPE", key + " is missing or not text; give it beside data");
    }
}
