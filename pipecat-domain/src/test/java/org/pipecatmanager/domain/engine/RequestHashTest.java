package org.pipecatmanager.domain.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.ReferenceType;
import org.pipecatmanager.ports.model.StartCommand;

class RequestHashTest {
    private final PipecatcallId id = new SequentialIds().nextCallId();

    private String hash(List<Map<String, Object>> messages, String sttType, String sttLanguage) {
        return RequestHash.of(new StartCommand(
                id,
                Ids.ZERO,
                Ids.ZERO,
                ReferenceType.NONE,
                Ids.ZERO,
                "",
                messages,
                sttType,
                sttLanguage,
                "",
                "",
                "",
                ""));
    }

    @Test
    void order_of_keys_and_kind_of_number_do_not_matter() {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("role", "user");
        one.put("weight", 1);
        Map<String, Object> other = new LinkedHashMap<>();
        other.put("weight", 1.0);
        other.put("role", "user");

        assertThat(hash(List.of(one), "", ""))
                .isEqualTo(hash(List.of(other), "", ""))
                .hasSize(64);
    }

    @Test
    void every_difference_of_content_matters() {
        assertThat(List.of(
                        hash(List.of(), "", ""),
                        hash(List.of(), "ab", "c"),
                        hash(List.of(), "a", "bc"),
                        hash(List.of(Map.of("content", "1")), "", ""),
                        hash(List.of(Map.of("content", 1)), "", ""),
                        hash(List.of(Map.of("content", List.of(1))), "", ""),
                        hash(List.of(Map.of("content", 1), Map.of()), "", "")))
                .doesNotHaveDuplicates();
    }
}
