package org.pipecatmanager.daemon;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.agents.AgentsFile;
import org.pipecatmanager.daemon.config.ConfigReader;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.Key;
import org.pipecatmanager.daemon.config.Settings;
import org.pipecatmanager.daemon.wiring.Daemon;
import org.pipecatmanager.daemon.wiring.DaemonEnvironment;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Runs the daemon until it is told to stop. Every setting of {@link Key} is a flag too. */
@Command(
        name = "run",
        description =
                "Run the daemon. Each flag is also an environment variable (upper case, _) and a key of the file.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    private static final Set<String> LOG_FORMATS = Set.of("text", "json");

    private final Map<String, String> variables;
    private final Path home;
    private final PrintStream out;
    private final PrintStream err;

    @Option(names = "--config", paramLabel = "FILE", description = "file of settings, 'key: value' (CONFIG_FILE)")
    private @Nullable Path file;

    @Option(names = "--check-config", description = "check settings and agents, say what is wrong, and end")
    private boolean check;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    RunCommand(Map<String, String> variables, Path home, PrintStream out, PrintStream err) {
        this.variables = Map.copyOf(variables);
        this.home = home;
        this.out = out;
        this.err = err;
    }

    /** The command with one flag a key, in both spellings. */
    CommandLine line() {
        CommandLine line = new CommandLine(this);
        for (Key key : Key.values()) {
            OptionSpec.Builder option = OptionSpec.builder(
                            "--" + key.flag(), "--" + key.flag().replace('-', '_'))
                    .type(String.class)
                    .paramLabel("VALUE")
                    .description(key.meaning() + (key.defaultValue().isEmpty() ? "" : " (" + key.defaultValue() + ")"));
            line.getCommandSpec().addOption(option.build());
        }
        return line;
    }

    @Override
    public Integer call() throws InterruptedException {
        String format = variables.getOrDefault("LOG_FORMAT", "text");
        if (!LOG_FORMATS.contains(format)) {
            // The log itself is nowhere then.
            err.println("error: LOG_FORMAT is '" + format + "'; set text or json");
            return 1;
        }
        try {
            Settings settings = Settings.gather(flags(), variables, configFile());
            DaemonConfig config = ConfigReader.read(settings);
            if (check) {
                if (config.onPlatform().isEmpty()) {
                    AgentsFile.load(config.agentsFile(), variables, config.limits());
                }
                settings.describe().forEach(out::println);
                config.warnings().forEach(warning -> err.println("warning: " + warning));
                return 0;
            }
            tell(settings);
            config.warnings().forEach(LOG::warn);
            return run(config);
        } catch (ConfigurationException e) {
            e.problems().forEach(problem -> err.println("error: " + problem));
            return 1;
        } catch (IOException | StoreException e) {
            err.println("error: " + e.getMessage());
            return 1;
        }
    }

    /** What is in force: briefly, and in full for who asks. */
    private static void tell(Settings settings) {
        List<String> changed = settings.describeChanged();
        LOG.info(
                "{}",
                changed.isEmpty() ? "every setting is its default" : block("settings that are not default:", changed));
        LOG.debug("{}", block("all settings:", settings.describe()));
        List<Key> idle = settings.withoutEffect();
        if (!idle.isEmpty()) {
            LOG.info(
                    "set, but without effect here ({}): {}",
                    settings.isPlatform()
                            ? "platform mode, or RUNNER_URL instead of a child"
                            : "no platform mode, or RUNNER_URL instead of a child",
                    idle);
        }
    }

    private static String block(String title, List<String> lines) {
        return title + "\n  " + String.join("\n  ", lines);
    }

    private int run(DaemonConfig config) throws IOException, InterruptedException {
        Daemon daemon = Daemon.create(config, new DaemonEnvironment(variables, home));
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            told.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // A process that was asked to stop and did so ended well; the signal's own code would say otherwise.
            Runtime.getRuntime().halt(0);
        });
        try (daemon) {
            Daemon.Listening listening = daemon.start();
            Runtime.getRuntime().addShutdownHook(hook);
            out.println(JsonMapper.shared().writeValueAsString(listening.toMap()));
            out.flush();
            told.await();
            LOG.info("told to stop");
        }
        LOG.info("stopped");
        over.countDown();
        return 0;
    }

    private @Nullable Path configFile() {
        String named = variables.getOrDefault("CONFIG_FILE", "");
        return file != null || named.isEmpty() ? file : Path.of(named);
    }

    private Map<Key, String> flags() {
        ParseResult parsed = spec.commandLine().getParseResult();
        Map<Key, String> flags = new EnumMap<>(Key.class);
        for (Key key : Key.values()) {
            String value = parsed.matchedOptionValue("--" + key.flag(), "");
            if (!value.isEmpty()) {
                flags.put(key, value);
            }
        }
        return flags;
    }
}
