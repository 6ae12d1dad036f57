package org.pipecatmanager.ports.model;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tool the model may call.
 *
 * @param name        function name
 * @param description what it does, for the model
 * @param parameters  JSON schema of the arguments, as plain maps
 * @param runLlm      whether the model speaks again after the result
 * @param builtin     whether the runner carries it out itself ({@code hang_up})
 * @param webhook     where the call goes in the embedded default; null for built-in tools and on a platform
 */
public record ToolDefinition(
        String name,
        String description,
        Map<String, Object> parameters,
        boolean runLlm,
        boolean builtin,
        @Nullable Webhook webhook) {
    public ToolDefinition {
        parameters = OrderedMaps.copyOf(parameters);
    }

    /**
     * An HTTP endpoint that carries a tool out.
     *
     * @param url     http or https
     * @param method  POST unless configured
     * @param headers header values, secret because they carry tokens
     * @param timeout deadline of one attempt
     * @param retries further attempts after a failed one, 0 to 3
     */
    public record Webhook(String url, String method, Map<String, Secret> headers, Duration timeout, int retries) {
        public Webhook {
            headers = OrderedMaps.copyOf(headers);
        }
    }
}
