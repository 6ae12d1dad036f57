package org.pipecatmanager.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A process of ours that tells in a line of JSON when it is ready, and that does not outlive us. */
final class Child implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final Thread hook;
    private final BufferedReader out;
    private final Writer in;
    private final JsonNode ready;

    /**
     * Starts it and waits for its line.
     *
     * @param log what it says on standard error
     * @throws IOException when it ends instead
     */
    Child(ProcessBuilder builder, Path log) throws IOException {
        Files.createDirectories(log.toAbsolutePath().getParent());
        process = builder.redirectError(log.toFile()).start();
        hook = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(hook);
        out = process.inputReader();
        in = process.outputWriter();
        String line = out.readLine();
        if (line == null) {
            throw new IOException(builder.command() + " ended instead of getting ready; see " + log);
        }
        ready = JsonMapper.shared().readTree(line);
    }

    /** Its line. */
    JsonNode ready() {
        return ready;
    }

    long pid() {
        return process.pid();
    }

    /** Says a line, and waits for one. */
    String ask(String line) throws IOException {
        in.write(line + "\n");
        in.flush();
        String answer = out.readLine();
        if (answer == null) {
            throw new IOException("process " + pid() + " has ended");
        }
        return answer;
    }

    /** Asks it to end, and in the end kills it. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
