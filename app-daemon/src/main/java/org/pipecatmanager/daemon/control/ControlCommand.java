package org.pipecatmanager.daemon.control;

import java.io.PrintStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.config.Key;
import org.pipecatmanager.ports.model.Secret;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code pipecat-control pipecatcall get|list|start|terminate|send-message|show}, {@code pipecat-control providers} and
 * {@code pipecat-control explain}. The keys that the API takes are flags, with
 * dashes or underscores; what is not given is not sent. JSON goes to stdout, everything else to stderr.
 *
 * <p>The environment is the daemon's: with {@code RABBITMQ_ADDRESS} it asks over the broker, otherwise over HTTP.
 */
public final class ControlCommand {
    private static final String SERVER = "server";
    private static final String BROKER = Key.RABBITMQ_ADDRESS.flag();
    private static final int HTTP_PORT = 8080;
    /** Global flags of the service this one replaces, for scripts that set them; no question needs them. */
    private static final List<Key> WITHOUT_USE = List.of(
            Key.DATABASE_DSN,
            Key.REDIS_ADDRESS,
            Key.REDIS_PASSWORD,
            Key.REDIS_DATABASE,
            Key.PROMETHEUS_ENDPOINT,
            Key.PROMETHEUS_LISTEN_ADDRESS);

    private final Map<String, String> variables;
    private final PrintStream out;
    private final PrintStream err;
    private final Brokers brokers;

    private ControlCommand(Map<String, String> variables, PrintStream out, PrintStream err, Brokers brokers) {
        this.variables = Map.copyOf(variables);
        this.out = out;
        this.err = err;
        this.brokers = brokers;
    }

    /** Connects to the broker at an address. */
    @FunctionalInterface
    interface Brokers {
        Rpc at(Secret address) throws ControlFailure, InterruptedException;
    }

    /** The command line, apart from the process it runs in. */
    public static CommandLine line(
            Map<String, String> variables, PrintStream out, PrintStream err, IVersionProvider version) {
        return line(variables, out, err, version, BrokerRpc::connect);
    }

    static CommandLine line(
            Map<String, String> variables,
            PrintStream out,
            PrintStream err,
            IVersionProvider version,
            Brokers brokers) {
        ControlCommand control = new ControlCommand(variables, out, err, brokers);
        CommandSpec calls = CommandSpec.create().name("pipecatcall").mixinStandardHelpOptions(true);
        calls.usageMessage().description("calls");
        CommandLine callsLine = new CommandLine(calls);
        for (CallCommand command : CallCommand.ALL) {
            callsLine.addSubcommand(command.name(), control.subcommand(command));
        }
        CommandSpec root = CommandSpec.create().name("pipecat-control").mixinStandardHelpOptions(true);
        root.versionProvider(version);
        root.usageMessage()
                .description("Ask running pipecat-managers: over RabbitMQ when RABBITMQ_ADDRESS is set, otherwise one"
                        + " over HTTP, with API_TOKEN.")
                .footer("Exit codes: 0 answered, 1 refused, 2 wrong usage, 3 no daemon answered.");
        return new CommandLine(root)
                .addSubcommand(callsLine)
                .addSubcommand(CallCommand.PROVIDERS.name(), control.subcommand(CallCommand.PROVIDERS))
                .addSubcommand(CallCommand.EXPLAIN.name(), control.subcommand(CallCommand.EXPLAIN))
                .addSubcommand(new CommandLine(new GenerateCompletion()));
    }

    private CommandLine subcommand(CallCommand command) {
        CommandLine[] self = new CommandLine[1];
        Callable<Integer> ask = () -> ask(self[0].getParseResult(), command);
        CommandSpec spec = CommandSpec.wrapWithoutInspection(ask).mixinStandardHelpOptions(true);
        spec.usageMessage().description(command.description());
        command.required()
                .forEach(key -> spec.addOption(option(key).required(true).build()));
        command.optional().forEach(key -> spec.addOption(option(key).build()));
        spec.addOption(option(SERVER)
                .paramLabel("URL")
                .description("a daemon's HTTP address (PIPECAT_MANAGER_URL; " + server() + "); wins over the broker")
                .build());
        spec.addOption(option(BROKER)
                .paramLabel("URL")
                .description("the broker (RABBITMQ_ADDRESS)")
                .build());
        WITHOUT_USE.forEach(
                key -> spec.addOption(option(key.flag()).hidden(true).build()));
        self[0] = new CommandLine(spec);
        return self[0];
    }

    private static OptionSpec.Builder option(String key) {
        OptionSpec.Builder option =
                OptionSpec.builder(CallCommand.spellings(key).toArray(String[]::new));
        return CallCommand.isSwitch(key)
                ? option.type(boolean.class).arity("0..1")
                : option.type(String.class).paramLabel("VALUE");
    }

    private int ask(ParseResult parsed, CallCommand command) throws InterruptedException {
        Map<String, Object> given = new LinkedHashMap<>();
        parsed.matchedOptions().forEach(option -> given.put(option.names()[0].substring(2), option.getValue()));
        WITHOUT_USE.forEach(key -> given.remove(key.flag()));
        String server = text(given.remove(SERVER));
        String broker = text(given.remove(BROKER));
        boolean jsonWanted = Boolean.TRUE.equals(given.remove("json"));
        Function<JsonNode, String> story = jsonWanted ? null : command.story();
        try (ControlTarget target = target(server, broker)) {
            JsonNode answer = command.question().ask(target, given);
            out.println(
                    story == null
                            ? JsonMapper.shared()
                                    .writerWithDefaultPrettyPrinter()
                                    .writeValueAsString(answer)
                            : story.apply(answer));
            return 0;
        } catch (ControlFailure e) {
            err.println("error: " + e.getMessage());
            return e.exitCode();
        }
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString().strip();
    }

    private ControlTarget target(String server, String broker) throws ControlFailure, InterruptedException {
        String address = broker.isEmpty() ? variables.getOrDefault(Key.RABBITMQ_ADDRESS.name(), "") : broker;
        if (server.isEmpty() && !address.isBlank()) {
            return new BrokerTarget(brokers.at(Secret.of(address.strip())));
        }
        String http = server.isEmpty() ? server() : server;
        try {
            URI uri = URI.create(http);
            if (uri.getHost() != null) {
                return new HttpTarget(uri, Secret.of(variables.getOrDefault(Key.API_TOKEN.name(), "")));
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw ControlFailure.unreached("'" + http + "' is no address; use --server http://127.0.0.1:8080", null);
    }

    /** The address from the environment: our own key, or where the daemon listens with this environment. */
    private String server() {
        String named = variables.getOrDefault("PIPECAT_MANAGER_URL", "");
        if (!named.isBlank()) {
            return named.strip();
        }
        String host = variables.getOrDefault(Key.POD_IP.name(), "127.0.0.1");
        HostPort address = new HostPort(host, HTTP_PORT);
        String listen = variables.getOrDefault(Key.HTTP_LISTEN_ADDRESS.name(), "");
        try {
            address = listen.isBlank() ? address : HostPort.parse(listen.strip());
        } catch (IllegalArgumentException e) {
            // The daemon says what is wrong with it; here the default is as good.
        }
        return "http://" + (address.isWildcard() ? new HostPort("127.0.0.1", address.port()) : address);
    }
}
