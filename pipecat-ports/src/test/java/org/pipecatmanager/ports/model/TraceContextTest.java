package org.pipecatmanager.ports.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.memory.RandomIds;

class TraceContextTest {
    private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT_ID = "00f067aa0ba902b7";
    private static final String TEXT = "00-" + TRACE_ID + "-" + PARENT_ID + "-01";

    @Test
    void a_header_is_kept_as_it_came() {
        assertThat(TraceContext.parse(TEXT)).hasValueSatisfying(trace -> {
            assertThat(trace.traceparent()).isEqualTo(TEXT);
            assertThat(trace).hasToString(TEXT);
            assertThat(trace.traceId()).isEqualTo(TRACE_ID);
        });
    }

    static Stream<String> malformed() {
        return Stream.of(
                "",
                "00",
                TEXT.substring(1),
                TEXT.substring(0, 54),
                TEXT + "0",
                TEXT + "-",
                TEXT + "-more",
                " " + TEXT,
                TEXT + "\n",
                TEXT.replace('-', '_'),
                TEXT.replace("4bf", "4BF"),
                TEXT.replace("4bf", "4bg"),
                TEXT.replace(TRACE_ID, "0".repeat(32)),
                TEXT.replace(PARENT_ID, "0".repeat(16)),
                TEXT.replaceFirst("00", "ff"),
                TEXT.replaceFirst("00", "01") + "0",
                TEXT.replaceFirst("00", "01") + "-" + "x".repeat(100_000));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void what_is_malformed_is_as_good_as_none(String header) {
        assertThat(TraceContext.parse(header)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-what-comes-then"})
    void of_a_later_version_counts_what_version_00_knows(String more) {
        var later = "cc-" + TRACE_ID + "-" + PARENT_ID + "-03" + more;
        assertThat(TraceContext.parse(later)).contains(new TraceContext(TEXT));
    }

    @Test
    void only_version_00_makes_one() {
        for (var text :
                new String[] {"", TEXT + "-", "01" + TEXT.substring(2), TEXT.replace(TRACE_ID, "0".repeat(32))}) {
            assertThatThrownBy(() -> new TraceContext(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(text.length() + " characters");
        }
    }

    @Test
    void a_new_span_is_in_the_same_trace_under_another_id_and_keeps_the_decision_to_sample() {
        var ids = new RandomIds();
        for (var flags : new String[] {"00", "01"}) {
            var asker = new TraceContext("00-" + TRACE_ID + "-" + PARENT_ID + "-" + flags);
            var span = asker.newSpan(ids);
            assertThat(span.traceId()).isEqualTo(TRACE_ID);
            assertThat(span.traceparent()).doesNotContain(PARENT_ID).endsWith("-" + flags);
            assertThat(asker.newSpan(ids)).isNotEqualTo(span);
        }
    }

    @Test
    void a_flag_nobody_has_defined_is_not_handed_on() {
        var asker = new TraceContext(TEXT.substring(0, 53) + "ff");
        assertThat(asker.newSpan(new SequentialIds()).traceparent()).endsWith("-01");
    }

    @Test
    void a_random_one_is_sampled_and_comes_of_the_ids() {
        assertThat(TraceContext.random(new SequentialIds()).traceparent())
                .isEqualTo("00-00000000000040008000000000000001-8000000000000002-01");
    }
}
