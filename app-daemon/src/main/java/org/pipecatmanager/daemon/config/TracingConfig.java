package org.pipecatmanager.daemon.config;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import org.pipecatmanager.ports.model.Secret;

/**
 * Where spans of calls go.
 *
 * @param endpoint base address of an OTLP receiver over HTTP, to which {@code /v1/traces} is added
 * @param headers  sent with every request
 * @param resource what every span says of this daemon, besides what it is
 * @param share    of the calls that begin a trace of their own, how many are recorded, 0 to 1
 */
public record TracingConfig(URI endpoint, Map<String, Secret> headers, Map<String, String> resource, double share) {
    public TracingConfig {
        headers = Map.copyOf(headers);
        resource = Map.copyOf(resource);
    }

    /** The headers as the variable of OpenTelemetry has them; secret. */
    public String headersText() {
        return headers.entrySet().stream()
                .map(header -> header.getKey() + "="
                        + URLEncoder.encode(header.getValue().reveal(), StandardCharsets.UTF_8)
                                .replace("+", "%20"))
                .collect(Collectors.joining(","));
    }

    /** Where spans go. */
    public URI traces() {
        String base = endpoint.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/v1/traces");
    }
}
