package org.pipecatmanager.daemon.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.ports.model.Secret;

class ConsolePageTest {
    private static final Map<String, String> FILES = Map.of("index.html", "<p>page</p>", "console.js", "start()");

    private final ConsolePage page = new ConsolePage(name -> {
        String text = FILES.get(name);
        return text == null ? null : new ByteArrayInputStream(text.getBytes(UTF_8));
    });

    @Test
    void the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline() throws Exception {
        Request script = answered(new Request("GET", "/console/console.js"));
        assertThat(script.status).isEqualTo(200);
        assertThat(script.body).isEqualTo("start()");
        assertThat(script.type).isEqualTo("text/javascript; charset=utf-8");
        assertThat(script.answered).containsEntry("X-Content-Type-Options", "nosniff");
        assertThat(script.answered.get("Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                .doesNotContain("unsafe")
                .doesNotContain("*");
        assertThat(answered(new Request("GET", "/console/")).body).isEqualTo("<p>page</p>");
    }

    @Test
    void a_version_the_browser_has_is_not_sent_again() throws Exception {
        Request first = answered(new Request("GET", "/console/console.js"));
        String tag = first.answered.getOrDefault("ETag", "");
        assertThat(tag).matches("\"[0-9a-f]{16}\"");
        Request again = answered(new Request("GET", "/console/console.js").with("If-None-Match", tag));
        assertThat(again.status).isEqualTo(304);
        assertThat(again.body).isEmpty();
    }

    @Test
    void a_browser_at_the_root_and_a_missing_slash_are_led_to_the_page() throws Exception {
        Request root = new Request("GET", "/").with("Accept", "text/html,*/*;q=0.8");
        assertThat(ConsolePage.has(root)).isTrue();
        assertThat(answered(root).status).isEqualTo(307);
        assertThat(root.answered).containsEntry("Location", "console/");
        assertThat(answered(new Request("GET", "/console")).answered).containsEntry("Location", "console/");
        assertThat(ConsolePage.has(new Request("GET", "/").with("Accept", "*/*")))
                .isFalse();
        assertThat(ConsolePage.has(new Request("GET", "/consoles"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"logback.xml", "../logback.xml", "%2e%2e/logback.xml", "/etc/passwd", "INDEX.HTML"})
    void nothing_else_can_be_named(String name) {
        assertThatExceptionOfType(HttpRefusal.class)
                .isThrownBy(() -> page.answer(new Request("GET", "/console/" + name)))
                .matches(refusal -> refusal.code() == 404);
    }

    @Test
    void the_page_is_only_read() {
        Request posted = new Request("POST", "/console/console.js");
        assertThatExceptionOfType(HttpRefusal.class)
                .isThrownBy(() -> page.answer(posted))
                .matches(refusal -> refusal.code() == 405);
        assertThat(posted.answered).containsEntry("Allow", "GET");
    }

    @Test
    void a_daemon_built_without_the_page_says_so() {
        ConsolePage none = new ConsolePage(name -> null);
        assertThatExceptionOfType(HttpRefusal.class)
                .isThrownBy(() -> none.answer(new Request("GET", "/console/")))
                .withMessageContaining("make build")
                .matches(refusal -> "CONSOLE_NOT_BUILT".equals(refusal.body().get("reason")));
    }

    @Test
    void the_page_needs_no_token_and_the_api_does() throws Exception {
        try (ApiHarness api = new ApiHarness(new ApiAccess(Secret.of("secret"), true))) {
            assertThat(api.get("/console/").statusCode()).isIn(200, 404);
            assertThat(api.get("/v1/pipecatcalls").statusCode()).isEqualTo(401);
        }
    }

    private Request answered(Request request) throws IOException {
        page.answer(request);
        return request;
    }

    /** A request without a socket, and what it was answered. */
    private static final class Request implements HttpExchange {
        private final String method;
        private final String path;
        private final Map<String, String> headers = new HashMap<>();
        final Map<String, String> answered = new HashMap<>();
        int status;
        String type = "";
        String body = "";

        Request(String method, String path) {
            this.method = method;
            this.path = path;
        }

        Request with(String header, String value) {
            headers.put(header, value);
            return this;
        }

        @Override
        public String method() {
            return method;
        }

        @Override
        public String path() {
            return path;
        }

        @Override
        public String query() {
            return "";
        }

        @Override
        public @Nullable String queryParameter(String name) {
            return null;
        }

        @Override
        public @Nullable String header(String name) {
            return headers.get(name);
        }

        @Override
        public byte[] body() {
            return new byte[0];
        }

        @Override
        public InetSocketAddress peer() {
            return InetSocketAddress.createUnresolved("peer", 1);
        }

        @Override
        public void setHeader(String name, String value) {
            answered.put(name, value);
        }

        @Override
        public void respond(int code, String contentType, byte[] content) {
            status = code;
            type = contentType;
            body = new String(content, UTF_8);
        }

        @Override
        public OutputStream stream(int code, String contentType) {
            throw new UnsupportedOperationException("the console has no streams");
        }
    }
}
