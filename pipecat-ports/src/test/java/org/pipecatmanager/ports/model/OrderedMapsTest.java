package org.pipecatmanager.ports.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OrderedMapsTest {
    /** Far more than any hash order would keep by chance. */
    private static final List<String> KEYS =
            List.of("type", "properties", "required", "model", "base_url", "api_key", "role", "content", "z", "a");

    @Test
    void the_sections_of_an_agent_keep_the_order_of_the_file() {
        Map<String, Object> nested = new LinkedHashMap<>(section());
        nested.put("llm", section());
        Agent agent = Agent.of("a", "assistant").withPipeline(nested);
        assertThat(agent.pipeline().keySet()).startsWith(KEYS.toArray(String[]::new));
        assertThat(agent.section("llm").keySet()).map(Object::toString).containsExactlyElementsOf(KEYS);
    }

    @Test
    void the_schema_of_a_tool_and_the_headers_of_its_webhook_keep_theirs() {
        Map<String, Secret> headers = new LinkedHashMap<>();
        KEYS.forEach(key -> headers.put(key, Secret.of(key)));
        var webhook = new ToolDefinition.Webhook("http://127.0.0.1", "POST", headers, Duration.ofSeconds(1), 0);
        var tool = new ToolDefinition("t", "", section(), true, false, webhook);
        assertThat(tool.parameters().keySet()).containsExactlyElementsOf(KEYS);
        assertThat(webhook.headers().keySet()).containsExactlyElementsOf(KEYS);
        assertThat(new ToolCall("1", "t", "{}", section()).arguments().keySet()).containsExactlyElementsOf(KEYS);
    }

    @Test
    void messages_to_the_model_keep_theirs_from_the_request_into_the_record() {
        StartCommand command = command(List.of(section(), section()));
        Pipecatcall record = Pipecatcall.accepted(command, "local", Instant.EPOCH);
        assertThat(record.llmMessages())
                .hasSize(2)
                .allSatisfy(message -> assertThat(message.keySet()).containsExactlyElementsOf(KEYS));
    }

    @Test
    void whoever_made_a_value_cannot_change_it_afterwards() {
        List<Map<String, Object>> messages = new ArrayList<>(List.of(section()));
        StartCommand command = command(messages);
        messages.getFirst().put("content", "something else");
        messages.clear();
        assertThat(command.llmMessages()).singleElement().isEqualTo(section());
        assertThatThrownBy(() -> command.llmMessages().getFirst().clear())
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> command.llmMessages().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    @SuppressWarnings("NullAway") // what a null in JSON becomes
    void null_values_are_kept() {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("default", null);
        assertThat(new ToolDefinition("t", "", schema, true, false, null).parameters())
                .containsEntry("default", null);
    }

    private static Map<String, Object> section() {
        Map<String, Object> map = new LinkedHashMap<>();
        KEYS.forEach(key -> map.put(key, key.length()));
        return map;
    }

    private static StartCommand command(List<Map<String, Object>> messages) {
        return new StartCommand(
                new PipecatcallId(new UUID(0, 1)),
                Ids.ZERO,
                Ids.ZERO,
                ReferenceType.NONE,
                Ids.ZERO,
                "",
                messages,
                "",
                "",
                "",
                "",
                "",
                "");
    }
}
