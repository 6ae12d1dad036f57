package org.pipecatmanager.ports.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class RandomIdsTest {
    private final RandomIds ids = new RandomIds();

    @Test
    void ids_are_random_uuids_and_differ() {
        var seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            var id = ids.nextId();
            assertThat(id.version()).isEqualTo(4);
            assertThat(id.variant()).isEqualTo(2);
            assertThat(seen.add(id)).isTrue();
        }
    }

    @Test
    void tokens_are_43_url_safe_characters_and_differ() {
        var seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            var token = ids.nextToken().reveal();
            assertThat(token).matches("[A-Za-z0-9_-]{43}");
            assertThat(seen.add(token)).isTrue();
        }
    }
}
