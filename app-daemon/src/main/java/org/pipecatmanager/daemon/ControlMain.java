package org.pipecatmanager.daemon;

import java.io.PrintStream;
import java.util.Map;
import org.pipecatmanager.daemon.control.ControlCommand;
import picocli.CommandLine;

/** {@code pipecat-control}: the control API from a shell. Exit codes: 0 well, 1 failed, 2 wrong usage. */
public final class ControlMain {
    private ControlMain() {}

    /** Runs the command line and ends the process with its code. */
    public static void main(String[] args) {
        System.exit(commandLine(System.getenv(), System.out, System.err).execute(args));
    }

    /** The command line, apart from the process it runs in. */
    static CommandLine commandLine(Map<String, String> variables, PrintStream out, PrintStream err) {
        return ControlCommand.line(variables, out, err, new Version());
    }
}
