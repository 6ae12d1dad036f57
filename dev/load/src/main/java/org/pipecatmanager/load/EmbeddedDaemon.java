package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The daemon in its embedded default: a caller who dials is answered, and its records are in a file. */
final class EmbeddedDaemon implements Target {
    private final RunnerServer runners;
    private final DaemonProcess daemon;

    EmbeddedDaemon(Path folder) throws IOException {
        runners = new RunnerServer(new NoPipelines());
        Path agents = Files.writeString(
                folder.resolve("agents.yaml"), "default_agent: marks\nagents:\n  marks:\n    bot: tone\n");
        Map<String, String> settings = new HashMap<>();
        settings.put("AGENTS_FILE", agents.toString());
        settings.put("RUNNER_URL", runners.url().toString());
        settings.put("HTTP_LISTEN_ADDRESS", "127.0.0.1:0");
        settings.put("AUDIOSOCKET_LISTEN_ADDRESS", "127.0.0.1:0");
        settings.put("PROMETHEUS_LISTEN_ADDRESS", "127.0.0.1:0");
        daemon = new DaemonProcess(folder, settings);
    }

    @Override
    public String name() {
        return "ours";
    }

    @Override
    public ProcessFigures figures() {
        return daemon.figures();
    }

    @Override
    public double allocatedBytes() throws IOException, InterruptedException {
        return daemon.allocatedBytes();
    }

    @Override
    public GcLog.Pauses pauses() throws IOException {
        return daemon.pauses();
    }

    @Override
    public void connect(Generator generator, Iterable<Call> calls, Pace pace) throws IOException {
        Dialled dialled = new Dialled(generator, pace);
        runners.run(dialled);
        InetSocketAddress address = daemon.audioSocket();
        for (Call call : calls) {
            dialled.calls.put(call.id(), call);
            generator.caller(call, Caller.dial(call, address));
        }
    }

    @Override
    public int settle() throws IOException, InterruptedException {
        return daemon.settle();
    }

    @Override
    public void close() {
        daemon.close();
        runners.close();
    }

    /** Before the first step there is nobody to talk to. */
    static final class NoPipelines implements RunnerServer.Pipelines {
        @Override
        public void start(UUID id, URI url, String token) throws IOException {
            throw new IOException("call " + id + " is not one of this bench");
        }

        @Override
        public boolean stop(UUID id) {
            return false;
        }
    }

    /** The calls of one step. */
    static final class Dialled implements RunnerServer.Pipelines {
        final Map<UUID, Call> calls = new ConcurrentHashMap<>();
        private final Generator generator;
        private final Pace pace;
        private final ByteBuffer[] chunks;

        Dialled(Generator generator, Pace pace) {
            this.generator = generator;
            this.pace = pace;
            chunks = Wire.webSocket(pace.frames());
        }

        @Override
        public void start(UUID id, URI url, String token) throws IOException {
            Call call = calls.get(id);
            if (call == null) {
                throw new IOException("call " + id + " is not one of this step");
            }
            Speech speech = new Speech(chunks, pace.frames(), pace.leadMillis());
            generator.runner(call, Link.open(call, url, token, speech));
        }

        @Override
        public boolean stop(UUID id) {
            Call call = calls.get(id);
            End link = call == null ? null : call.runner();
            if (link == null) {
                return false;
            }
            link.close();
            return true;
        }
    }
}
