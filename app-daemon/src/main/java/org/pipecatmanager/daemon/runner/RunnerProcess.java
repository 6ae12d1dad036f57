package org.pipecatmanager.daemon.runner;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A runner that is our child: it says on stdout where it listens, logs JSON lines to stderr, and ends when its stdin closes.
 *
 * <p>When it dies it is started again after a pause that grows; calls it carried see their links break. Safe for all threads.
 */
public final class RunnerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunnerProcess.class);
    /** From the start to "listening": models are loaded and warmed up before. */
    private static final Duration STARTUP = Duration.ofMinutes(2);
    /** From the end of stdin to the end of the process; then it is asked, then it is killed. */
    private static final Duration ENDING = Duration.ofSeconds(5);

    private final List<String> command;
    private final Map<String, String> environment;
    private final Backoff backoff;
    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicReference<@Nullable URI> address = new AtomicReference<>();
    private final AtomicReference<@Nullable Process> current = new AtomicReference<>();
    private final CompletableFuture<URI> first = new CompletableFuture<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread watcher;

    /**
     * Makes one that does not run yet.
     *
     * @param command     program and arguments
     * @param environment added to ours, which it gets without our {@code API_TOKEN}; for instance {@code RUNNER_TOKEN}
     */
    public RunnerProcess(List<String> command, Map<String, String> environment) {
        this(command, environment, Backoff.DEFAULT);
    }

    RunnerProcess(List<String> command, Map<String, String> environment, Backoff backoff) {
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.backoff = backoff;
        this.watcher = Thread.ofVirtual().name("runner-watcher").unstarted(this::watch);
    }

    /**
     * Starts it and waits until it listens.
     *
     * @throws IOException it cannot be started, ends before it listens, or is not up in 120 s
     */
    public void start() throws IOException, InterruptedException {
        watcher.start();
        try {
            LOG.info("the runner listens on {}", first.get(STARTUP.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            throw new IOException(
                    String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()), e);
        } catch (TimeoutException e) {
            throw new IOException(
                    "the runner " + program() + " did not say where it listens within " + STARTUP.toSeconds()
                            + " s; see its log above",
                    e);
        }
    }

    /** Where the child of now listens; empty while there is none. */
    public Optional<URI> address() {
        return Optional.ofNullable(address.get());
    }

    /** How often it was started again. */
    public int restarts() {
        return restarts.get();
    }

    /** Ends it, by force after 5 s, and starts no other. Idempotent; blocks for at most a little more than that. */
    @Override
    public void close() {
        closing.countDown();
        if (watcher.getState() == Thread.State.NEW) {
            return;
        }
        Process process = current.get();
        if (process != null) {
            end(process);
        }
        try {
            watcher.join(ENDING);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch() {
        Duration pause = Duration.ZERO;
        while (closing.getCount() > 0) {
            long started = System.nanoTime();
            String ended;
            try {
                ended = run();
            } catch (IOException e) {
                ended = "the runner cannot be started: " + e.getMessage()
                        + "; install it (bin/pipecat-runner-setup, in a source tree make setup), or set RUNNER_COMMAND"
                        + " or RUNNER_URL";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            if (closing.getCount() == 0) {
                return;
            }
            if (first.completeExceptionally(new IOException(ended))) {
                return;
            }
            pause = backoff.after(pause, Duration.ofNanos(System.nanoTime() - started));
            LOG.error("{}; starting it again in {} ms, and its calls wait for it or end", ended, pause.toMillis());
            if (waitedForClose(pause)) {
                return;
            }
            restarts.incrementAndGet();
        }
    }

    /** One life of the child; returns how it ended. */
    private String run() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().remove("API_TOKEN");
        builder.environment().putAll(environment);
        Process process = builder.start();
        current.set(process);
        if (closing.getCount() == 0) {
            end(process);
        }
        Thread errors = Thread.ofVirtual()
                .name("runner-stderr")
                .start(() -> drain(process.errorReader(StandardCharsets.UTF_8)));
        Thread output = Thread.ofVirtual().name("runner-stdout").start(() -> listen(process));
        int code = process.waitFor();
        address.set(null);
        current.set(null);
        errors.join(ENDING);
        output.join(ENDING);
        return "the runner " + program() + " ended with code " + code;
    }

    /** Reads the one line with the port; what comes after is log too. */
    private void listen(Process process) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null) {
                int port = port(line);
                if (port > 0 && process.isAlive()) {
                    URI listening = URI.create("http://127.0.0.1:" + port);
                    address.set(listening);
                    first.complete(listening);
                } else {
                    RunnerLog.pass(line);
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            LOG.debug("the runner's output ended", e);
        }
    }

    private static int port(String line) {
        try {
            JsonNode event = JsonMapper.shared().readTree(line);
            return event.path("event").asString("").equals("listening")
                    ? event.path("port").asInt(0)
                    : 0;
        } catch (JacksonException e) {
            return 0;
        }
    }

    private static void drain(BufferedReader reader) {
        try (reader) {
            String line = reader.readLine();
            while (line != null) {
                RunnerLog.pass(line);
                line = reader.readLine();
            }
        } catch (IOException e) {
            LOG.debug("the runner's log ended", e);
        }
    }

    private static void end(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            LOG.debug("the runner had closed its stdin", e);
        }
        try {
            if (!process.waitFor(ENDING)) {
                LOG.warn(
                        "the runner did not end within {} s of the end of its stdin; it is told to",
                        ENDING.toSeconds());
                process.destroy();
                if (!process.waitFor(ENDING.dividedBy(2))) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private boolean waitedForClose(Duration pause) {
        try {
            return closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private String program() {
        return command.isEmpty() ? "" : command.getFirst();
    }
}
