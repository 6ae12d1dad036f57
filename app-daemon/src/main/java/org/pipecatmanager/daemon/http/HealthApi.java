package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.util.Map;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.adapter.pipecatws.HttpHandler;
import tools.jackson.databind.json.JsonMapper;

/** Health and nothing else, where the control API is off. */
public final class HealthApi implements HttpHandler {
    private static final String JSON_TYPE = "application/json";

    private final Readiness readiness;

    public HealthApi(Readiness readiness) {
        this.readiness = readiness;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        switch (exchange.path()) {
            case "/healthz" -> answer(exchange, 200, Map.of("status", "ok"));
            case "/readyz" -> {
                Readiness.Report report = readiness.report();
                answer(exchange, report.httpStatus(), report.toMap());
            }
            default ->
                answer(
                        exchange,
                        404,
                        new HttpRefusal(
                                        404,
                                        "CONTROL_API_OFF",
                                        "the control API is off: this port can be reached from other machines and"
                                                + " API_TOKEN is empty; set it, or use RabbitMQ")
                                .body());
        }
    }

    private static void answer(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        exchange.setHeader("Cache-Control", "no-store");
        exchange.respond(status, JSON_TYPE, JsonMapper.shared().writeValueAsBytes(body));
    }
}
