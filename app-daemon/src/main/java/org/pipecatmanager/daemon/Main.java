package org.pipecatmanager.daemon;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import org.pipecatmanager.daemon.replay.ReplayCommand;
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
    private Main() {}

    /** Runs the command line and ends the process with its code. */
    public static void main(String[] args) {
        System.exit(commandLine(System.getenv(), Home.folder(), System.out, System.err)
                .execute(args));
    }

    /** The command line, apart from the process it runs in. */
    static CommandLine commandLine(Map<String, String> variables, Path home, PrintStream out, PrintStream err) {
        return new CommandLine(new Main())
                .addSubcommand("run", new RunCommand(variables, home, out, err).line())
                .addSubcommand("rehearse", new RehearseCommand(variables, home, err))
                .addSubcommand("simulate", new SimulateCommand())
                .addSubcommand("replay", new ReplayCommand(out, err));
    }
}
