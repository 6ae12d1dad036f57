package org.pipecatmanager.daemon.config;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;

/** Reads the settings that OpenTelemetry names. */
final class TracingReader {
    private final Settings settings;
    private final Values values;

    TracingReader(Settings settings, Values values) {
        this.settings = settings;
        this.values = values;
    }

    /** Null where spans go nowhere; what is set is checked all the same. */
    @Nullable
    TracingConfig read() {
        Map<String, Secret> headers = new LinkedHashMap<>();
        pairs(Key.OTEL_EXPORTER_OTLP_HEADERS).forEach((name, value) -> headers.put(name, Secret.of(value)));
        Map<String, String> resource = pairs(Key.OTEL_RESOURCE_ATTRIBUTES);
        double share = values.parsed(
                Key.OTEL_TRACES_SAMPLER_ARG, settings.get(Key.OTEL_TRACES_SAMPLER_ARG), TracingReader::share, 1.0);
        return settings.given(Key.OTEL_EXPORTER_OTLP_ENDPOINT)
                .map(text -> values.parsed(
                        Key.OTEL_EXPORTER_OTLP_ENDPOINT, text, TracingReader::http, URI.create("http://127.0.0.1")))
                .map(endpoint -> new TracingConfig(endpoint, headers, resource, share))
                .orElse(null);
    }

    private static URI http(String text) {
        URI uri = URI.create(text);
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("'" + text + "' is no address such as http://127.0.0.1:4318; spans go"
                    + " over HTTP, not over gRPC");
        }
        return uri;
    }

    private static double share(String text) {
        double share;
        try {
            share = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            share = Double.NaN;
        }
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("'" + text + "' is no share; set a number from 0 to 1, such as 0.1");
        }
        return share;
    }

    /** Names and values, the values in percent-encoding; of a secret setting nothing is repeated. */
    private Map<String, String> pairs(Key key) {
        Map<String, String> pairs = new LinkedHashMap<>();
        int place = 0;
        for (String pair : values.words(key, ",")) {
            place++;
            int equals = pair.indexOf('=');
            if (equals < 1) {
                values.problem(key + ": part " + place + " is not name=value; separate such pairs by commas");
                continue;
            }
            String value = pair.substring(equals + 1).strip().replace("+", "%2B");
            String read = values.parsed(key, value, TracingReader::decoded, "");
            pairs.put(pair.substring(0, equals).strip(), read);
        }
        return pairs;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a value has a % that is not followed by two hexadecimal digits; write % itself as %25", e);
        }
    }
}
