package org.pipecatmanager.daemon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** A collector of spans: OTLP over HTTP, in memory. */
final class TestCollector implements AutoCloseable {
    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();

    /**
     * A span, read.
     *
     * @param service {@code service.name} of who sent it
     * @param parent  id of its parent; empty for none
     */
    record Received(
            String service,
            String traceId,
            String id,
            String parent,
            String name,
            String kind,
            long startNanos,
            long endNanos,
            Map<String, String> attributes,
            boolean failed) {}

    TestCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Received> spans() {
        return List.copyOf(spans);
    }

    /** What each request said of who sends it. */
    List<String> authorizations() {
        return List.copyOf(authorizations);
    }

    /** The only span of this name and service. */
    Optional<Received> find(String service, String name) {
        return spans.stream()
                .filter(span -> span.service().equals(service) && span.name().equals(name))
                .findFirst();
    }

    /** {@code parent > name} of every span, the parent's name empty where it is none of these. */
    List<String> tree() {
        Map<String, String> names = spans.stream().collect(Collectors.toMap(Received::id, Received::name));
        return spans.stream()
                .map(span -> names.getOrDefault(span.parent(), "") + " > " + span.name())
                .toList();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            InputStream body = exchange.getRequestBody();
            ExportTraceServiceRequest.parseFrom(packed ? new GZIPInputStream(body) : body)
                    .getResourceSpansList()
                    .forEach(resource -> {
                        String service = attributes(resource.getResource().getAttributesList())
                                .getOrDefault("service.name", "");
                        resource.getScopeSpansList()
                                .forEach(scope -> scope.getSpansList().forEach(span -> spans.add(read(service, span))));
                    });
            exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
        }
    }

    private static Received read(String service, Span span) {
        return new Received(
                service,
                HexFormat.of().formatHex(span.getTraceId().toByteArray()),
                HexFormat.of().formatHex(span.getSpanId().toByteArray()),
                HexFormat.of().formatHex(span.getParentSpanId().toByteArray()),
                span.getName(),
                span.getKind().name(),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                attributes(span.getAttributesList()),
                span.getStatus().getCodeValue() == 2);
    }

    private static Map<String, String> attributes(List<KeyValue> pairs) {
        return pairs.stream().collect(Collectors.toMap(KeyValue::getKey, pair -> text(pair.getValue())));
    }

    private static String text(AnyValue value) {
        return switch (value.getValueCase()) {
            case INT_VALUE -> String.valueOf(value.getIntValue());
            case BOOL_VALUE -> String.valueOf(value.getBoolValue());
            default -> value.getStringValue();
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
