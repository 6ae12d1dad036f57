package org.pipecatmanager.daemon.agents;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolDefinition.Conduct;
import org.pipecatmanager.ports.model.ToolDefinition.Ending;
import org.pipecatmanager.ports.model.ToolDefinition.Webhook;

/** Makes the tools of an agent. */
final class ToolReader {
    /** What language models take as the name of a function. */
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    private static final Pattern HEADER_NAME = Pattern.compile("[a-zA-Z0-9!#$%&'*+.^_`|~-]+");
    private static final Set<String> BUILTINS = Set.of("hang_up", "send_dtmf");
    /** Set by the daemon or by the protocol. */
    private static final Set<String> OWN_HEADERS = Set.of(
            "connection",
            "content-length",
            "content-type",
            "expect",
            "host",
            "idempotency-key",
            "traceparent",
            "transfer-encoding",
            "upgrade");

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(60);
    private static final int MOST_RETRIES = 3;

    private ToolReader() {}

    /** Reads them all; every name once. */
    static List<ToolDefinition> readAll(List<Section> sections) {
        List<ToolDefinition> tools = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Section section : sections) {
            ToolDefinition tool = read(section);
            tools.add(tool);
            if (!tool.name().isEmpty() && !names.add(tool.name())) {
                section.problem(
                        "name", "is '" + tool.name() + "', which another tool of this agent has; rename one of them");
            }
        }
        return tools;
    }

    private static ToolDefinition read(Section section) {
        String name = section.required("name", "account_balance");
        if (!name.isEmpty() && !NAME.matcher(name).matches()) {
            section.problem("name", "is '" + name + "'; use up to 64 letters, digits, _ and -");
        }
        boolean builtin = section.flag("builtin", false);
        String description = section.textOrEmpty("description");
        if (builtin && !BUILTINS.contains(name)) {
            section.problem(
                    "builtin",
                    "is true, but '" + name + "' is not built in; use " + String.join(", ", BUILTINS)
                            + ", or give it a webhook");
        }
        ToolDefinition tool = builtin
                ? new ToolDefinition(name, description, Map.of(), answers(section, name), true, null)
                : new ToolDefinition(
                        name,
                        description,
                        parameters(section),
                        section.flag("run_llm", true),
                        false,
                        webhook(section),
                        conduct(section));
        section.refuseTheRest();
        return tool;
    }

    /** Nobody speaks after the call has ended. */
    private static boolean answers(Section section, String name) {
        return !name.equals("hang_up") && section.flag("run_llm", true);
    }

    private static Conduct conduct(Section section) {
        String ending = section.oneOf("ends_call", List.of("hang_up", "transfer"));
        return new Conduct(
                section.textOrEmpty("speech"),
                "cancel".equals(section.oneOf("on_interruption", List.of("keep", "cancel"))),
                ending == null ? Ending.NONE : Ending.valueOf(ending.toUpperCase(Locale.ROOT)));
    }

    private static Map<String, Object> parameters(Section section) {
        Map<String, Object> schema = new LinkedHashMap<>();
        section.mapping("parameters").forEach((key, value) -> {
            if (value == null) {
                section.problem("parameters." + key, "is empty; give it a value or remove it");
            } else {
                schema.put(key, value);
            }
        });
        if (schema.isEmpty()) {
            return Map.of("type", "object", "properties", Map.of());
        }
        if (!"object".equals(schema.get("type"))) {
            section.problem("parameters.type", "is not 'object'; a function's arguments are one JSON object");
        }
        Object properties = schema.getOrDefault("properties", Map.of());
        if (!(properties instanceof Map<?, ?> named)) {
            section.problem("parameters.properties", "is not a mapping from argument names to schemas");
            return schema;
        }
        named.forEach((argument, of) -> {
            if (!(of instanceof Map)) {
                section.problem("parameters.properties." + argument, "is not a JSON schema such as {type: string}");
            }
        });
        checkRequired(section, schema.get("required"), named);
        return schema;
    }

    private static void checkRequired(Section section, @Nullable Object required, Map<?, ?> named) {
        if (required == null) {
            return;
        }
        if (!(required instanceof List<?> names)) {
            section.problem("parameters.required", "is not a list of argument names");
            return;
        }
        for (Object name : names) {
            if (!named.containsKey(name)) {
                section.problem("parameters.required", "names '" + name + "', which is not under properties");
            }
        }
    }

    private static @Nullable Webhook webhook(Section section) {
        if (!section.has("webhook")) {
            section.problem("webhook", "is missing; say where the call goes, or set builtin: true");
            return null;
        }
        Section webhook = section.section("webhook");
        String url = webhook.required("url", "http://127.0.0.1:9000/balance");
        if (!url.isEmpty() && !WebAddress.isUsable(url)) {
            webhook.problem("url", "is no address such as http://127.0.0.1:9000/balance");
        }
        Webhook read = new Webhook(
                url,
                Objects.requireNonNullElse(webhook.oneOf("method", List.of("POST", "PUT")), "POST"),
                headers(webhook),
                webhook.duration("timeout", DEFAULT_TIMEOUT, LONGEST_TIMEOUT),
                Objects.requireNonNullElse(webhook.whole("retries", 0, MOST_RETRIES), 0));
        webhook.refuseTheRest();
        return read;
    }

    private static Map<String, Secret> headers(Section webhook) {
        Section section = webhook.section("headers");
        Map<String, Secret> headers = new LinkedHashMap<>();
        for (String name : section.names()) {
            String value = section.textOrEmpty(name);
            if (OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                section.problem(name, "is a header the daemon sets itself; remove it");
            } else if (!HEADER_NAME.matcher(name).matches()) {
                section.problem(name, "is not the name of an HTTP header");
            } else if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 127)) {
                section.problem(name, "holds a line break or another control character; a header is one line");
            } else {
                headers.put(name, Secret.of(value));
            }
        }
        return headers;
    }
}
