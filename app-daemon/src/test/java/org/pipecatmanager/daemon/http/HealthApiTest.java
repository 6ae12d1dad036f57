package org.pipecatmanager.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The port of a daemon whose control API is off. */
@Timeout(60)
class HealthApiTest {
    private final ApiHarness api;

    HealthApiTest() throws IOException {
        api = ApiHarness.withoutControl();
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void health_is_answered_with_what_is_missing() throws Exception {
        assertThat(api.get("/healthz").body()).isEqualTo("{\"status\":\"ok\"}");
        api.readiness().needs("broker", () -> "connection refused");
        api.readiness().started();
        HttpResponse<String> answer = api.get("/readyz");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("{\"status\":\"not_ready\",\"missing\":[\"broker: connection refused\"]}");
    }

    @Test
    void no_call_can_be_asked_for_and_the_refusal_says_why() throws Exception {
        for (HttpResponse<String> answer : List.of(api.get("/v1/pipecatcalls"), api.post("/v1/pipecatcalls", "{}"))) {
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).contains("CONTROL_API_OFF", "API_TOKEN");
        }
    }
}
