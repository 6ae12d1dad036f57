package org.pipecatmanager.daemon.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RequestException;

/** Callers over WebSocket; requests are in {@link ControlApiTest}. */
class ApiAccessTest {
    private static final Secret NONE = Secret.of("");

    @ParameterizedTest
    @CsvSource({
        "localhost:8080, ''",
        "127.0.0.1:8080, http://127.0.0.1:8080",
        "[::1]:8080, HTTP://[::1]:8080",
        "localhost, https://localhost"
    })
    void on_loopback_whoever_is_on_this_machine_may_and_pages_that_it_served(String host, String origin) {
        new ApiAccess(NONE, true).check(NONE, host, origin);
    }

    @ParameterizedTest
    @CsvSource({
        "evil.example, http://evil.example, FOREIGN_HOST",
        "'', '', FOREIGN_HOST",
        "localhost:8080, http://evil.example, FOREIGN_ORIGIN",
        "localhost:8080, http://localhost:3000, FOREIGN_ORIGIN",
        "localhost:8080, null, FOREIGN_ORIGIN",
        "localhost:8080, http://localhost:8080.evil.example, FOREIGN_ORIGIN"
    })
    void pages_of_others_may_not(String host, String origin, String reason) {
        assertRefused(new ApiAccess(NONE, true), NONE, host, origin, reason);
    }

    @Test
    void beyond_loopback_the_token_decides_and_the_page_must_be_the_hosts_own() {
        var access = new ApiAccess(Secret.of("tiger"), false);
        access.check(Secret.of("tiger"), "bots.example", "https://bots.example");
        access.check(Secret.of("tiger"), "bots.example", "");
        assertRefused(access, Secret.of("lion"), "bots.example", "", "API_TOKEN_NEEDED");
        assertRefused(access, NONE, "bots.example", "https://bots.example", "API_TOKEN_NEEDED");
        assertRefused(access, Secret.of("tiger"), "bots.example", "https://evil.example", "FOREIGN_ORIGIN");
    }

    private static void assertRefused(ApiAccess access, Secret token, String host, String origin, String reason) {
        assertThatThrownBy(() -> access.check(token, host, origin))
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
