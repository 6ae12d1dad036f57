package org.pipecatmanager.daemon;

import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.pipecatmanager.daemon.sim.SimulateCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code pipecat-manager}: the daemon, and a caller to try it with. Exit codes: 0 well, 1 failed, 2 wrong usage. */
@Command(
        name = "pipecat-manager",
        description = "AI voice agents on phone calls: between Asterisk (AudioSocket) and pipecat.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class Main {
    /** The folder with {@code python-runner}, where it is not the one the jar was built in. */
    private static final String HOME_PROPERTY = "pipecat-manager.home";

    private Main() {}

    /** Runs the command line and ends the process with its code. */
    public static void main(String[] args) {
        System.exit(commandLine(System.getenv(), home(), System.out, System.err).execute(args));
    }

    /** The command line, apart from the process it runs in. */
    static CommandLine commandLine(Map<String, String> variables, Path home, PrintStream out, PrintStream err) {
        return new CommandLine(new Main())
                .addSubcommand("run", new RunCommand(variables, home, out, err).line())
                .addSubcommand("rehearse", new RehearseCommand(variables, home, err))
                .addSubcommand("simulate", new SimulateCommand());
    }

    /** The property, or the root of the tree whose {@code app-daemon/target} holds the jar or the classes. */
    private static Path home() {
        String property = System.getProperty(HOME_PROPERTY, "");
        if (!property.isEmpty()) {
            return Path.of(property);
        }
        try {
            Path code = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path root = code.resolve("../../..").normalize();
            return Objects.requireNonNullElse(root, code);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the daemon's own place cannot be read; set -D" + HOME_PROPERTY, e);
        }
    }
}
