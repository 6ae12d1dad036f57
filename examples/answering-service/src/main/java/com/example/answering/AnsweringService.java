package com.example.answering;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.pipecatmanager.adapter.audiosocket.AudioSocketConfig;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.adapter.pipecatws.PipecatWsConfig;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.memory.StaticAgentCatalog;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.StartCommand;
import org.pipecatmanager.ports.out.ConnectionMeter;

/**
 * Puts an agent on calls, in a process of its own: the engine, a door for callers and one for the runner.
 *
 * <p>Whoever calls the AudioSocket port with an id of its own is answered. {@code POST /calls} registers a call first, so that the
 * greeting is ready when the caller is; it answers the id to call with.
 *
 * <p>Environment: {@code RUNNER_URL} and {@code RUNNER_TOKEN} of the runner, {@code HTTP_PORT} for it and for {@code /calls},
 * {@code AUDIOSOCKET_PORT} for callers; port 0 takes a free one.
 */
public final class AnsweringService {
    /** How long calls may go on after SIGTERM. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The keys are those of {@code agents.yaml}; those of providers are read by the runner, from its environment. */
    private static final Agent RECEPTION = Agent.of("reception", "assistant")
            .withPipeline(Map.of(
                    "greeting", "Hello, this is the Example Bank. How can I help you?",
                    "prompt", "You are the receptionist of the Example Bank. Answer in one or two short sentences.",
                    "llm", Map.of("type", "openai_compatible", "model", "gpt-4o-mini"),
                    "stt", Map.of("type", "whisper", "model", "tiny.en", "language", "en"),
                    "tts", Map.of("type", "piper", "voice", "en_US-joe-medium", "language", "en")));

    private static final RandomIds IDS = new RandomIds();

    private AnsweringService() {}

    /** Serves until the process is asked to stop. */
    public static void main(String[] arguments) throws Exception {
        var runner = URI.create(setting("RUNNER_URL", "http://127.0.0.1:8000"));
        var token = Secret.of(setting("RUNNER_TOKEN", ""));
        var runnerPort = loopback(setting("HTTP_PORT", "8080"));
        var callerPort = loopback(setting("AUDIOSOCKET_PORT", "9092"));
        // Known when the port is bound; asked for when the first call starts.
        var advertised = new CompletableFuture<URI>();

        try (var time = new SystemTime();
                var launcher = new HttpRunnerLauncher(() -> Optional.of(runner), token, advertised::join);
                var engine = PipecatEngine.builder()
                        .agents(new StaticAgentCatalog(List.of(RECEPTION), "reception"))
                        .launcher(launcher)
                        .time(time)
                        .alarms(time)
                        .publisher(AnsweringService::onEvent)
                        .build();
                var runners = PipecatWsServer.create(
                        PipecatWsConfig.on(runnerPort),
                        engine,
                        engine,
                        exchange -> register(engine, exchange),
                        ConnectionMeter.NONE,
                        ConnectionMeter.NONE);
                var callers = AudioSocketServer.create(
                        AudioSocketConfig.listeningOn(List.of(new AudioSocketConfig.Listener(callerPort, ""))),
                        engine,
                        ConnectionMeter.NONE,
                        time)) {
            runners.start();
            advertised.complete(
                    URI.create("http://127.0.0.1:" + runners.address().getPort()));
            callers.start();
            say("ready: AudioSocket 127.0.0.1:%d, register at %s/calls"
                    .formatted(callers.addresses().get(0).getPort(), advertised.join()));
            awaitSigterm();
            engine.drain(PATIENCE).join();
        }
        say("stopped");
    }

    /** Answers what comes to the runner's port and is not the runner's: {@code POST /calls}. */
    private static void register(PipecatEngine engine, HttpExchange exchange) throws IOException {
        if (!exchange.method().equals("POST") || !exchange.path().equals("/calls")) {
            exchange.respond(404, "", new byte[0]);
            return;
        }
        var call = engine.start(StartCommand.ofAgent(new PipecatcallId(IDS.nextId()), "reception"));
        exchange.respond(200, "text/plain", call.id().toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Events of one call come in order and one at a time; those of different calls at the same time. */
    private static void onEvent(CallEvent event) {
        say(event.id() + " " + event.sequence() + " " + event.type().wireName());
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Returns when the process is asked to stop, and keeps it until the caller's thread has ended. */
    private static void awaitSigterm() throws InterruptedException {
        var asked = new CountDownLatch(1);
        var serving = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            asked.countDown();
            try {
                serving.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        asked.await();
    }

    private static InetSocketAddress loopback(String port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port));
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
