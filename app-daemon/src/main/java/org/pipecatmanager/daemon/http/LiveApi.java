package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.ports.in.LevelFeed;
import org.pipecatmanager.ports.model.Agent;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.Recordings;
import org.pipecatmanager.ports.out.RequestException;

/** What there is to hear and to call, over HTTP only: levels of live calls, recordings, the agents of this machine. */
public final class LiveApi {
    private static final Pattern LEVELS = Pattern.compile("/v1/pipecatcalls/([^/]+)/levels");
    private static final Pattern RECORDING = Pattern.compile("/v1/pipecatcalls/([^/]+)/recording");
    private static final int COPY_BYTES = 64 * 1024;
    private static final String AGENTS = "/v1/agents";

    private final LevelFeed levels;
    private final AgentCatalog agents;
    private final Recordings recordings;

    /** Makes the routes; {@code agents} has none on a platform. */
    public LiveApi(LevelFeed levels, AgentCatalog agents, Recordings recordings) {
        this.levels = levels;
        this.agents = agents;
        this.recordings = recordings;
    }

    /**
     * Answers, if the path is one of these.
     *
     * @return false when it is not
     * @throws IOException the client is gone
     */
    boolean answers(HttpExchange exchange, String path) throws IOException {
        Matcher watched = LEVELS.matcher(path);
        if (watched.matches()) {
            ControlApi.allow(exchange, List.of("GET"));
            LevelStream.send(levels, ControlApi.id(watched.group(1)), exchange);
            return true;
        }
        Matcher recorded = RECORDING.matcher(path);
        if (recorded.matches()) {
            ControlApi.allow(exchange, List.of("GET"));
            send(exchange, ControlApi.id(recorded.group(1)));
            return true;
        }
        if (path.equals(AGENTS)) {
            ControlApi.allow(exchange, List.of("GET"));
            ControlApi.answer(
                    exchange,
                    200,
                    Map.of("result", agents.names().stream().map(this::told).toList()));
            return true;
        }
        return false;
    }

    private void send(HttpExchange exchange, PipecatcallId id) throws IOException {
        Recordings.Wav wav = recordings
                .find(id)
                .orElseThrow(() -> new RequestException(
                        RequestException.Status.NOT_FOUND,
                        "RECORDING_NOT_FOUND",
                        "call " + id
                                + " has no recording here: its agent needs 'recording: stereo', and RECORDING_RETENTION"
                                + " may be over"));
        try (InputStream content = wav.content()) {
            exchange.setHeader("Cache-Control", "no-store");
            exchange.setHeader("Recording-Complete", Boolean.toString(wav.complete()));
            exchange.setHeader("Content-Length", Long.toString(wav.bytes()));
            exchange.setHeader("Content-Disposition", "inline; filename=\"" + id + ".wav\"");
            try (OutputStream out = exchange.stream(200, "audio/wav")) {
                copy(content, out, wav.bytes());
            }
        }
    }

    /** A file that grows meanwhile is sent as long as it was. */
    private static void copy(InputStream from, OutputStream to, long bytes) throws IOException {
        byte[] buffer = new byte[COPY_BYTES];
        long left = bytes;
        while (left > 0) {
            int read = from.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                throw new IOException("the recording became shorter while it was sent");
            }
            to.write(buffer, 0, read);
            left -= read;
        }
    }

    /** What everybody who may call may know: no prompt, no key, no address. */
    private Map<String, Object> told(String name) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", name);
        map.put("bot", agents.find(name).map(Agent::bot).orElse(""));
        map.put("default", agents.defaultAgent().map(Agent::name).equals(Optional.of(name)));
        map.put(
                "recording",
                agents.find(name).map(agent -> agent.recording().label()).orElse("off"));
        return map;
    }
}
