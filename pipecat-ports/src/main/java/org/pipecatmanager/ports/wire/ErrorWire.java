package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RequestException;

/** A refusal: {@code {status, reason, domain, message}}. The code beside it is {@code status().code()}. */
public final class ErrorWire {
    /** {@code data_type} of an RPC answer that carries this. */
    public static final String DATA_TYPE = "voipbin_error";

    private ErrorWire() {}

    public static Map<String, @Nullable Object> toMap(RequestException refusal) {
        return new MapWriter()
                .always("status", refusal.status().name())
                .always("reason", refusal.reason())
                .always("domain", EventWire.PUBLISHER)
                .always("message", refusal.getMessage())
                .map();
    }
}
