package org.pipecatmanager.ports.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CanonicalHashTest {
    @Test
    void a_stored_fingerprint_stays_what_it_was() {
        // printf '{"a":[1e0,true,null,"q\\"",],"b":{"c":15e-1,},}' | sha256sum
        var map = Map.of("b", Map.of("c", 1.5), "a", Arrays.asList(1, true, null, "q\""));
        assertThat(CanonicalHash.of(map)).isEqualTo("c79ab96c46d8894379027bb5210415964340ae9f2069ad4e21d8950f578eda40");
    }

    @Test
    void key_order_does_not_matter_and_list_order_does() {
        var one = new LinkedHashMap<String, Object>();
        one.put("a", 1);
        one.put("b", Map.of("c", 2));
        var other = new LinkedHashMap<String, Object>();
        other.put("b", Map.of("c", 2));
        other.put("a", 1);

        assertThat(CanonicalHash.of(one)).isEqualTo(CanonicalHash.of(other));
        assertThat(CanonicalHash.of(Map.of("l", List.of(1, 2))))
                .isNotEqualTo(CanonicalHash.of(Map.of("l", List.of(2, 1))));
    }

    @Test
    void a_number_is_the_same_however_it_is_held() {
        var expected = CanonicalHash.of(Map.of("n", 100));
        for (Number same : List.of(100L, 100.0, 100.0f, new BigDecimal("1e2"), (short) 100)) {
            assertThat(CanonicalHash.of(Map.of("n", same)))
                    .as(same.getClass().getName())
                    .isEqualTo(expected);
        }
    }

    @Test
    void values_that_only_look_alike_differ() {
        assertThat(List.of(
                        CanonicalHash.of(Map.of("a", "1")),
                        CanonicalHash.of(Map.of("a", 1)),
                        CanonicalHash.of(Map.of("a", "null")),
                        CanonicalHash.of(Collections.singletonMap("a", null)),
                        CanonicalHash.of(Map.of()),
                        CanonicalHash.of(Map.of("a", List.of("b", "c"))),
                        CanonicalHash.of(Map.of("a", List.of("b\",\"c"))),
                        CanonicalHash.of(Map.of("a", "\\")),
                        CanonicalHash.of(Map.of("a", "\\\\"))))
                .doesNotHaveDuplicates();
    }

    @Test
    void what_json_does_not_have_is_refused() {
        assertThatThrownBy(() -> CanonicalHash.of(Map.of("a", new Object())))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
