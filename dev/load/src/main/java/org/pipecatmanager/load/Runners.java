package org.pipecatmanager.load;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The runners of all calls there are, behind one HTTP server. Safe for all threads. */
final class Runners implements RunnerServer.Pipelines, AutoCloseable {
    private final Map<UUID, Pipeline> pipelines = new ConcurrentHashMap<>();
    private final RunnerServer server;

    private record Pipeline(Call call, Generator generator, Speech.Voice voice) {}

    Runners() throws IOException {
        server = new RunnerServer(this);
    }

    URI url() {
        return server.url();
    }

    /** This call may be started. */
    void expect(Call call, Generator generator, Speech.Voice voice) {
        pipelines.put(call.id(), new Pipeline(call, generator, voice));
    }

    /** Whatever was expected is over. */
    void forget() {
        pipelines.clear();
    }

    /** The call of this id, or null. */
    @Nullable
    Call call(UUID id) {
        Pipeline pipeline = pipelines.get(id);
        return pipeline == null ? null : pipeline.call();
    }

    /** Asterisk's side of a call that is expected: the caller speaks and listens from now on. */
    void dialled(UUID id, Caller caller) {
        Pipeline pipeline = pipelines.get(id);
        if (pipeline != null) {
            pipeline.generator().caller(pipeline.call(), caller);
        }
    }

    @Override
    public void start(UUID id, URI url, String token) throws IOException {
        Pipeline pipeline = pipelines.get(id);
        if (pipeline == null) {
            throw new IOException("call " + id + " is not one of this step");
        }
        Call call = pipeline.call();
        Speech speech = pipeline.voice().on(Wire.Chunks.WEB_SOCKET, call.slot(), true);
        pipeline.generator().runner(call, Link.open(call, url, token, speech));
    }

    @Override
    public boolean stop(UUID id) {
        Call call = call(id);
        End link = call == null ? null : call.runner();
        if (link == null) {
            return false;
        }
        link.close();
        return true;
    }

    @Override
    public void close() {
        server.close();
    }
}
