package org.pipecatmanager.ports.wire;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.ExternalMediaRequest;
import org.pipecatmanager.ports.model.PlatformCall;

/** What is asked of call-manager, and the part of its calls that matters here. */
public final class ExternalMediaWire {
    private ExternalMediaWire() {}

    /**
     * The body of {@code POST /v1/external-medias} for AudioSocket, where Asterisk is the TCP client: {@code id},
     * {@code reference_type}, {@code reference_id}, {@code external_host}, {@code encapsulation}, {@code transport},
     * {@code connection_type}, {@code format}, {@code direction_listen}, {@code direction_speak}. There is no
     * {@code transport_data}.
     */
    public static Map<String, @Nullable Object> toMap(ExternalMediaRequest request) {
        return new MapWriter()
                .uuid("id", request.id().value())
                .always("reference_type", "call")
                .uuid("reference_id", request.callId())
                .text("external_host", request.externalHost())
                .always("encapsulation", "audiosocket")
                .always("transport", "tcp")
                .always("connection_type", "client")
                .text("format", request.format())
                .always("direction_listen", "in")
                .always("direction_speak", "out")
                .map();
    }

    /**
     * A call of call-manager: {@code id} and {@code status}.
     *
     * @throws org.pipecatmanager.ports.out.RequestException a field is malformed
     */
    public static PlatformCall callFromMap(Map<String, ?> map) {
        var reader = new MapReader(map);
        return new PlatformCall(reader.uuid("id"), reader.text("status"));
    }
}
