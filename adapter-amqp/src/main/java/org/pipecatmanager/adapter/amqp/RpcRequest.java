package org.pipecatmanager.adapter.amqp;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RequestException;

/**
 * A request as its envelope brings it. What goes unused ({@code publisher}, {@code data_type}, unknown keys) is left out.
 *
 * @param data      anything JSON has; null for none
 * @param requestId the caller's name for it, empty for none
 */
record RpcRequest(String method, String uri, @Nullable Object data, String requestId) {

    /**
     * The body, for a route that has one.
     *
     * @throws RequestException there is none, or it is not an object
     */
    Map<String, Object> body() {
        if (data == null) {
            throw RequestException.invalid("NO_BODY", "the request has no data; send a JSON object");
        }
        if (!(data instanceof Map<?, ?>)) {
            throw RequestException.invalid("BAD_JSON", "data is JSON but not an object; send {…}");
        }
        @SuppressWarnings("unchecked") // what the parser makes of an object has text for keys
        var body = (Map<String, Object>) data;
        return body;
    }

    /** Data may hold what people say. */
    @Override
    public String toString() {
        return "RpcRequest[" + method + " " + uri + ", request id '" + requestId + "']";
    }
}
