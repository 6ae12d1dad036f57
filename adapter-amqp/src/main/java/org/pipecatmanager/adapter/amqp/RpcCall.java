package org.pipecatmanager.adapter.amqp;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a service over the broker.
 *
 * @param method  {@code GET}, {@code POST}, {@code PUT} or {@code DELETE}
 * @param uri     path and query, such as {@code /v1/pipecatcalls/0d5f1f2e-7c1a-4a53-9c0e-3f5d8c6b7a10}
 * @param data    the body as a plain map, or null for none
 * @param headers of the AMQP message; none for most
 */
public record RpcCall(String method, String uri, @Nullable Map<String, ?> data, Map<String, String> headers) {
    public RpcCall {
        headers = Map.copyOf(headers);
    }

    /** Asks without a body. */
    public static RpcCall of(String method, String uri) {
        return new RpcCall(method, uri, null, Map.of());
    }

    /** Asks with a body. */
    public static RpcCall of(String method, String uri, Map<String, ?> data) {
        return new RpcCall(method, uri, data, Map.of());
    }

    /** The same, with another header of the AMQP message. */
    RpcCall with(String header, String value) {
        var all = new HashMap<>(headers);
        all.put(header, value);
        return new RpcCall(method, uri, data, all);
    }

    /** The same, handed on from another daemon: whoever gets it does not hand it on again. */
    RpcCall forwarded() {
        return with(RpcServer.FORWARDED_HEADER, "true");
    }

    /** Bodies stay out of logs. */
    @Override
    public String toString() {
        return method + " " + uri;
    }
}
