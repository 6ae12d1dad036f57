package org.pipecatmanager.daemon;

import java.io.PrintStream;
import java.util.Map;
import org.pipecatmanager.daemon.control.ControlCommand;
import org.pipecatmanager.daemon.control.DoctorCommand;
import picocli.CommandLine;

/** {@code pipecat-control}: calls from a shell. Exit codes: 0 answered, 1 refused, 2 wrong usage, 3 nobody answered. */
public final class ControlMain {
    /** What logback.xml reads. */
    private static final String LOG_LEVEL = "LOG_LEVEL";

    private ControlMain() {}

    /** Runs the command line and ends the process with its code; without LOG_LEVEL only its own words go to stderr. */
    public static void main(String[] args) {
        if (System.getenv(LOG_LEVEL) == null) {
            System.setProperty(LOG_LEVEL, "ERROR");
        }
        System.exit(commandLine(System.getenv(), System.out, System.err).execute(args));
    }

    /** The command line, apart from the process it runs in. */
    static CommandLine commandLine(Map<String, String> variables, PrintStream out, PrintStream err) {
        return ControlCommand.line(variables, out, err, new Version())
                .addSubcommand(new DoctorCommand(variables, Home.folder(), out));
    }
}
