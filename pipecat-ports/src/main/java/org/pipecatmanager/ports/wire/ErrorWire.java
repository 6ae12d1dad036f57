package org.pipecatmanager.ports.wire;

import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;

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

    /**
     * The refusal another daemon answered; a status we do not have becomes one of the same code, or failing that
     * {@code INVALID_ARGUMENT} below 500 and {@code INTERNAL} from there.
     *
     * @param statusCode the code beside it
     * @throws RequestException of reason {@code INVALID_FIELD}: the error itself is malformed
     */
    public static RequestException fromMap(int statusCode, Map<String, ?> map) {
        var reader = new MapReader(map);
        return new RequestException(
                status(statusCode, reader.text("status")), reader.text("reason"), reader.text("message"));
    }

    /** The status of an answer that has only a code. */
    public static Status statusOfCode(int statusCode) {
        return status(statusCode, "");
    }

    private static Status status(int statusCode, String name) {
        return Stream.of(Status.values())
                .filter(status -> status.name().equals(name))
                .findFirst()
                .or(() -> Stream.of(Status.values())
                        .filter(status -> status.code() == statusCode)
                        .findFirst())
                .orElse(statusCode < 500 ? Status.INVALID_ARGUMENT : Status.INTERNAL);
    }
}
