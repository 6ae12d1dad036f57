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
 * @param builtin     whether the runner carries it out itself ({@code hang_up}, {@code send_dtmf})
 * @param webhook     where the call goes in the embedded default; null for built-in tools and on a platform
 * @param conduct     what happens around a call of it
 */
public record ToolDefinition(
        String name,
        String description,
        Map<String, Object> parameters,
        boolean runLlm,
        boolean builtin,
        @Nullable Webhook webhook,
        Conduct conduct) {
    public ToolDefinition {
        parameters = OrderedMaps.copyOf(parameters);
    }

    /** A tool around which nothing happens. */
    public ToolDefinition(
            String name,
            String description,
            Map<String, Object> parameters,
            boolean runLlm,
            boolean builtin,
            @Nullable Webhook webhook) {
        this(name, description, parameters, runLlm, builtin, webhook, Conduct.PLAIN);
    }

    /** The same tool, conducted otherwise. */
    public ToolDefinition withConduct(Conduct value) {
        return new ToolDefinition(name, description, parameters, runLlm, builtin, webhook, value);
    }

    /** What a tool that succeeds does to the call. */
    public enum Ending {
        /** Nothing: the conversation goes on. */
        NONE,
        /** Ends it, when what was said before has been heard. */
        HANG_UP,
        /** Hands the caller to somebody else: the tool is only carried out when what was said before has been heard. */
        TRANSFER
    }

    /**
     * What happens around a call of a tool.
     *
     * @param speech                  said when it is called and the model said nothing itself; may be empty
     * @param cancelledByInterruption whether a caller who interrupts ends it, or its result is told when it is there
     * @param ending                  what it does to the call
     */
    public record Conduct(String speech, boolean cancelledByInterruption, Ending ending) {
        /** Silent, carried to its end, and the conversation goes on. */
        public static final Conduct PLAIN = new Conduct("", false, Ending.NONE);
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
