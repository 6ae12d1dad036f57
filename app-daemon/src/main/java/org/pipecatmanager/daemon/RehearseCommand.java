package org.pipecatmanager.daemon;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.pipecatmanager.daemon.config.ConfigReader;
import org.pipecatmanager.daemon.config.Key;
import org.pipecatmanager.daemon.config.Settings;
import org.pipecatmanager.daemon.wiring.Daemon;
import org.pipecatmanager.daemon.wiring.DaemonEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts an embedded daemon on free ports, lets it rehearse, loads what only a platform uses, and ends: a training run for the virtual
 * machine's ahead-of-time cache.
 */
@Command(
        name = "rehearse",
        hidden = true,
        description = "Start, rehearse calls and end; for an ahead-of-time cache (bin/pipecat-aot).",
        mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
    /** Twice what a start does, so that what is hot has been compiled by then. */
    private static final String WARM_UP = "4s";
    /** Port 9 is discard: nobody answers, and nobody needs to. */
    private static final String NO_RUNNER = "http://127.0.0.1:9";

    private static final String FREE_PORT = "127.0.0.1:0";
    /** Jars that an embedded start leaves alone, and a platform's needs: beginnings of their names. */
    private static final List<String> OF_PLATFORM =
            List.of("adapter-", "pipecat-", "amqp-client", "jedis", "commons-pool2", "mariadb", "HikariCP", "jdbi3");

    private final Map<String, String> variables;
    private final Path home;
    private final PrintStream err;

    @Option(names = "--data-dir", required = true, paramLabel = "DIR", description = "an empty folder")
    private Path data = Path.of("");

    RehearseCommand(Map<String, String> variables, Path home, PrintStream err) {
        this.variables = Map.copyOf(variables);
        this.home = home;
        this.err = err;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path agents = Files.writeString(
                data.resolve("agents.yaml"), "default_agent: rehearsal\nagents:\n  rehearsal:\n    bot: echo\n");
        Map<Key, String> flags = new EnumMap<>(Key.class);
        flags.put(Key.HTTP_LISTEN_ADDRESS, FREE_PORT);
        flags.put(Key.AUDIOSOCKET_LISTEN_ADDRESS, FREE_PORT);
        flags.put(Key.PROMETHEUS_LISTEN_ADDRESS, FREE_PORT);
        flags.put(Key.RUNNER_URL, NO_RUNNER);
        flags.put(Key.AGENTS_FILE, agents.toString());
        flags.put(Key.DATA_DIR, data.resolve("data").toString());
        flags.put(Key.WARM_UP, WARM_UP);
        try (Daemon daemon = Daemon.create(
                ConfigReader.read(Settings.gather(flags, Map.of(), null)), new DaemonEnvironment(variables, home))) {
            daemon.start();
            err.println("loaded " + loadPlatform() + " classes that only a platform needs");
        }
        return 0;
    }

    private static int loadPlatform() throws IOException {
        Path lib =
                Path.of(System.getProperty("java.class.path")).toAbsolutePath().resolveSibling("lib");
        int loaded = 0;
        try (Stream<Path> jars = Files.list(lib)) {
            for (Path jar : jars.filter(RehearseCommand::isOfPlatform).sorted().toList()) {
                loaded += load(jar);
            }
        }
        return loaded;
    }

    private static boolean isOfPlatform(Path jar) {
        return OF_PLATFORM.stream().anyMatch(jar.getFileName().toString()::startsWith);
    }

    private static int load(Path jar) throws IOException {
        int loaded = 0;
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream().toList()) {
                String name = entry.getName();
                if (name.endsWith(".class") && !name.startsWith("META-INF") && !name.endsWith("module-info.class")) {
                    loaded += load(
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'));
                }
            }
        }
        return loaded;
    }

    /** Libraries hold classes for others that are not there. */
    private static int load(String name) {
        try {
            Class.forName(name, false, RehearseCommand.class.getClassLoader());
            return 1;
        } catch (ClassNotFoundException | LinkageError e) {
            return 0;
        }
    }
}
