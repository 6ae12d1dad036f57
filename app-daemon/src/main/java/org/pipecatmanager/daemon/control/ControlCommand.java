package org.pipecatmanager.daemon.control;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.pipecatmanager.ports.model.Secret;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code pipecat-control pipecatcall get|start|terminate|send-message|list}. The keys that the API takes are flags, with dashes;
 * what is not given is not sent.
 */
public final class ControlCommand {
    private static final String DEFAULT_SERVER = "http://127.0.0.1:8080";
    private static final List<String> START_KEYS = List.of(
            "id",
            "agent",
            "customer-id",
            "activeflow-id",
            "reference-type",
            "reference-id",
            "llm-type",
            "stt-type",
            "stt-language",
            "tts-type",
            "tts-language",
            "tts-voice-id");
    private static final List<String> LIST_KEYS =
            List.of("page-size", "page-token", "customer-id", "reference-id", "host-id", "status");
    private static final List<String> MESSAGE_FLAGS = List.of("run-immediately", "audio-response");

    private final Map<String, String> variables;
    private final PrintStream out;
    private final PrintStream err;

    private ControlCommand(Map<String, String> variables, PrintStream out, PrintStream err) {
        this.variables = Map.copyOf(variables);
        this.out = out;
        this.err = err;
    }

    /** The command line, apart from the process it runs in. */
    public static CommandLine line(
            Map<String, String> variables, PrintStream out, PrintStream err, IVersionProvider version) {
        ControlCommand control = new ControlCommand(variables, out, err);
        CommandSpec calls = CommandSpec.create().name("pipecatcall").mixinStandardHelpOptions(true);
        calls.usageMessage().description("calls");
        CommandLine callsLine = new CommandLine(calls);
        control.add(
                callsLine,
                "get",
                "the record of a call",
                List.of("id"),
                List.of(),
                List.of(),
                (client, given) -> client.get(call(given)));
        control.add(
                callsLine,
                "list",
                "records, newest first",
                List.of(),
                LIST_KEYS,
                List.of(),
                (client, given) -> client.get("/v1/pipecatcalls" + query(given)));
        control.add(
                callsLine,
                "start",
                "start a call",
                List.of(),
                START_KEYS,
                List.of(),
                (client, given) -> client.post("/v1/pipecatcalls", underscored(given)));
        control.add(
                callsLine,
                "terminate",
                "end a call",
                List.of("id"),
                List.of(),
                List.of(),
                (client, given) -> client.post(call(given) + "/stop", null));
        control.add(
                callsLine,
                "send-message",
                "put text into a call",
                List.of("id", "message-text"),
                List.of("message-id"),
                MESSAGE_FLAGS,
                (client, given) -> client.post("/v1/messages", message(given)));
        CommandSpec root = CommandSpec.create().name("pipecat-control").mixinStandardHelpOptions(true);
        root.versionProvider(version);
        root.usageMessage().description("Ask a running pipecat-manager. API_TOKEN from the environment is sent along.");
        return new CommandLine(root).addSubcommand("pipecatcall", callsLine);
    }

    /** One request of the client. */
    private interface Request {
        JsonNode send(ControlClient client, Map<String, Object> given) throws IOException, InterruptedException;
    }

    private void add(
            CommandLine parent,
            String name,
            String description,
            List<String> required,
            List<String> optional,
            List<String> flags,
            Request request) {
        CommandLine[] self = new CommandLine[1];
        Callable<Integer> ask = () -> ask(self[0].getParseResult(), request);
        CommandSpec spec = CommandSpec.wrapWithoutInspection(ask).mixinStandardHelpOptions(true);
        spec.usageMessage().description(description);
        required.forEach(key -> spec.addOption(option(key).required(true).build()));
        optional.forEach(key -> spec.addOption(option(key).build()));
        flags.forEach(key -> spec.addOption(
                OptionSpec.builder("--" + key).type(boolean.class).arity("0..1").build()));
        spec.addOption(OptionSpec.builder("--server")
                .type(String.class)
                .paramLabel("URL")
                .description("the daemon (PIPECAT_MANAGER_URL; " + DEFAULT_SERVER + ")")
                .build());
        self[0] = new CommandLine(spec);
        parent.addSubcommand(name, self[0]);
    }

    private static OptionSpec.Builder option(String key) {
        return OptionSpec.builder("--" + key).type(String.class).paramLabel("VALUE");
    }

    private int ask(ParseResult parsed, Request request) throws InterruptedException {
        Map<String, Object> given = new LinkedHashMap<>();
        parsed.matchedOptions().forEach(option -> given.put(option.longestName().substring(2), option.getValue()));
        Object named = given.remove("server");
        String server =
                named != null ? named.toString() : variables.getOrDefault("PIPECAT_MANAGER_URL", DEFAULT_SERVER);
        try (var client = new ControlClient(URI.create(server), Secret.of(variables.getOrDefault("API_TOKEN", "")))) {
            JsonNode answer = request.send(client, given);
            out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(answer));
            return 0;
        } catch (IOException e) {
            err.println("error: " + e.getMessage());
            return 1;
        } catch (IllegalArgumentException e) {
            err.println("error: '" + server + "' is no address; use --server " + DEFAULT_SERVER);
            return 1;
        }
    }

    private static String call(Map<String, Object> given) {
        return "/v1/pipecatcalls/" + encoded(String.valueOf(given.get("id")));
    }

    private static String query(Map<String, Object> given) {
        return given.isEmpty()
                ? ""
                : underscored(given).entrySet().stream()
                        .map(entry ->
                                entry.getKey() + "=" + encoded(entry.getValue().toString()))
                        .collect(Collectors.joining("&", "?", ""));
    }

    private static Map<String, Object> message(Map<String, Object> given) {
        Map<String, Object> body = underscored(given);
        body.put("pipecatcall_id", String.valueOf(body.remove("id")));
        return body;
    }

    private static Map<String, Object> underscored(Map<String, Object> given) {
        Map<String, Object> body = new LinkedHashMap<>();
        given.forEach((key, value) -> body.put(key.replace('-', '_'), value));
        return body;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
