package org.pipecatmanager.daemon.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The runner that the daemon would start, asked what it has without being started as one: {@code --describe} of pipecat_runner.
 *
 * @param description what it said; null when it could not be asked
 * @param failure     why not; empty when it could
 */
record ChildRunner(@Nullable JsonNode description, String failure) {
    /** It imports every provider's library once, from a cold disk. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String MODULE = "pipecat_runner";
    private static final int SHOWN_CHARS = 300;

    /** The command that comes with the daemon. */
    static List<String> own(Path home) {
        return List.of(home.resolve("python-runner/.venv/bin/python").toString(), "-m", MODULE);
    }

    /**
     * Whether a command starts our runner, so that it can be asked; another program would have to be started for real.
     */
    static boolean canBeAsked(List<String> command) {
        return command.contains(MODULE);
    }

    /** Asks. The process has our environment without the API's token, as the child has. */
    static ChildRunner ask(List<String> command) throws InterruptedException {
        List<String> question = new ArrayList<>(command.subList(0, command.indexOf(MODULE) + 1));
        question.add("--describe");
        ProcessBuilder builder = new ProcessBuilder(question);
        builder.environment().keySet().remove("API_TOKEN");
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new ChildRunner(null, String.valueOf(e.getMessage()));
        }
        FutureTask<String> errors =
                new FutureTask<>(() -> new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        FutureTask<String> output =
                new FutureTask<>(() -> new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(errors);
        Thread.ofVirtual().start(output);
        try {
            String said = output.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (process.waitFor() != 0) {
                return new ChildRunner(null, last(errors.get()));
            }
            return new ChildRunner(JsonMapper.shared().readTree(said), "");
        } catch (TimeoutException e) {
            return new ChildRunner(null, "it said nothing in " + PATIENCE.toSeconds() + " s");
        } catch (ExecutionException | JacksonException e) {
            return new ChildRunner(null, "what it said cannot be read");
        } finally {
            process.destroyForcibly();
        }
    }

    /** The last line of a traceback is what went wrong. */
    private static String last(String errors) {
        String line = errors.strip().lines().reduce("no reason given", (before, after) -> after);
        return line.substring(0, Math.min(line.length(), SHOWN_CHARS));
    }
}
