package org.pipecatmanager.daemon.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.EventWire;

/** A refusal with a code that the platform's statuses do not have: 404 for a route, 405, 415. */
final class HttpRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;

    HttpRefusal(int code, String reason, String message) {
        super(message);
        this.code = code;
        this.reason = reason;
    }

    int code() {
        return code;
    }

    /** The platform's error object. */
    Map<String, Object> body() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(
                "status",
                (code == 404 ? RequestException.Status.NOT_FOUND : RequestException.Status.INVALID_ARGUMENT).name());
        body.put("reason", reason);
        body.put("domain", EventWire.PUBLISHER);
        body.put("message", String.valueOf(getMessage()));
        return body;
    }
}
