package org.pipecatmanager.daemon.control;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.doctor.Diagnosis;
import org.pipecatmanager.daemon.doctor.Doctor;
import org.pipecatmanager.daemon.doctor.Finding;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code pipecat-control doctor}: what is wrong with this set-up, and what to do about it. */
@Command(
        name = "doctor",
        description =
                "Look at everything a daemon with this environment needs, whether one runs or not, and say what is wrong"
                        + " and what to do. Changes nothing.",
        footer = "Exit codes: 0 no problem, 1 problems, 2 wrong usage.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    private final Map<String, String> variables;
    private final Path home;
    private final PrintStream out;

    @Option(names = "--config", paramLabel = "FILE", description = "the daemon's file of settings (CONFIG_FILE)")
    private @Nullable Path file;

    @Option(names = "--json", description = "for programs")
    private boolean json;

    /**
     * Makes one.
     *
     * @param variables the environment, which has to be the daemon's
     * @param home      the folder that holds {@code python-runner}
     */
    public DoctorCommand(Map<String, String> variables, Path home, PrintStream out) {
        this.variables = Map.copyOf(variables);
        this.home = home;
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        String named = variables.getOrDefault("CONFIG_FILE", "");
        Path settings = file != null || named.isEmpty() ? file : Path.of(named);
        Diagnosis diagnosis = Doctor.examine(variables, settings, home);
        out.println(
                json
                        ? JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(diagnosis.toMap())
                        : diagnosis.text());
        return diagnosis.count(Finding.Level.PROBLEM) == 0 ? 0 : 1;
    }
}
