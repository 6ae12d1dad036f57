package org.pipecatmanager.daemon.sim;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code pipecat-manager simulate}: calls any AudioSocket server as Asterisk would and reports what came back. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Plays Asterisk's side of AudioSocket in real time and measures what comes back.",
            "Exit code: 0 when every call was connected and whole, 1 otherwise, 3 when the probe's own clock was too late to say."
        })
public final class SimulateCommand implements Callable<Integer> {
    /** A probe later than this at its 99th percentile measures itself. */
    private static final double PROBE_LIMIT_MILLIS = 5;

    private static final int EXIT_NOT_WHOLE = 1;
    private static final int EXIT_PROBE_LATE = 3;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--server", required = true, paramLabel = "HOST:PORT", description = "AudioSocket server to call")
    private String server = "";

    @Option(
            names = "--uuid",
            paramLabel = "UUID",
            description = "id of the call; only with --calls 1 (default: a fresh one each)")
    private @Nullable UUID uuid;

    @Option(
            names = "--register",
            paramLabel = "URL",
            description =
                    "register every call first: POST {\"agent\": …} to this URL, e.g. http://127.0.0.1:8080/v1/pipecatcalls")
    private @Nullable URI register;

    @Option(
            names = "--agent",
            paramLabel = "NAME",
            defaultValue = "",
            description = "agent to register with (default: the daemon's default agent)")
    private String agent = "";

    @Option(
            names = "--api-token",
            paramLabel = "TOKEN",
            defaultValue = "${env:API_TOKEN:-}",
            description = "bearer token for --register (default: API_TOKEN)")
    private String apiToken = "";

    @Option(
            names = "--wav",
            paramLabel = "FILE",
            description = "what the callers say, over and over (default: silence)")
    private @Nullable Path wav;

    @Option(names = "--tone", paramLabel = "HZ", description = "callers say a tone of this frequency instead")
    private @Nullable Integer tone;

    @Option(
            names = "--script",
            paramLabel = "FILE",
            description = "one caller follows this conversation (YAML, see docs/simulate.md)")
    private @Nullable Path script;

    @Option(
            names = "--expect-tone",
            paramLabel = "HZ",
            description = "what comes back is this tone: count frames lost and repeated")
    private @Nullable Integer expectTone;

    @Option(
            names = "--calls",
            defaultValue = "1",
            paramLabel = "N",
            description = "calls at once (default: ${DEFAULT-VALUE})")
    private int calls;

    @Option(
            names = "--seconds",
            defaultValue = "10",
            paramLabel = "S",
            description = "length of each call (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "WAV of the first call: caller left, what it hears right")
    private @Nullable Path record;

    @Option(names = "--json", description = "report as JSON on stdout")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (calls < 1 || calls > 5000) {
            throw bad("--calls is " + calls + "; use 1 to 5000");
        }
        if (seconds < 1 || seconds > 86_400) {
            throw bad("--seconds is " + seconds + "; use 1 to 86400");
        }
        if (calls > 1 && (uuid != null || script != null)) {
            throw bad("--uuid and --script describe one call; leave --calls at 1");
        }
        List<ScriptedVoice> scripted = new ArrayList<>();
        List<SimulatedCall> all = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            all.add(new SimulatedCall(id(), voice(scripted), expectTone == null ? null : toneCheck(expectTone)));
        }
        Simulation simulation = new Simulation(serverAddress(), all, Duration.ofSeconds(seconds));
        simulation.run();
        if (record != null) {
            SimulatedCall first = all.getFirst();
            Wav.writeStereo(record, first.spoken(), first.heardAligned(), SimulatedCall.RATE_HZ);
        }
        SimulationReport report = SimulationReport.of(simulation, scripted, PROBE_LIMIT_MILLIS);
        print(report);
        if (!report.isProbeClean()) {
            return EXIT_PROBE_LATE;
        }
        return report.isWhole() ? 0 : EXIT_NOT_WHOLE;
    }

    private void print(SimulationReport report) {
        PrintWriter out = command().commandLine().getOut();
        if (json) {
            out.println(JsonMapper.builder()
                    .build()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(report.toMap()));
        } else {
            report.lines().forEach(out::println);
        }
        out.flush();
    }

    private Voice voice(List<ScriptedVoice> scripted) throws IOException {
        if (script != null) {
            ScriptedVoice voice = new ScriptedVoice(Script.read(script, SimulatedCall.RATE_HZ));
            scripted.add(voice);
            return voice;
        }
        if (tone != null) {
            return Voice.tone(tone, SimulatedCall.RATE_HZ);
        }
        return wav == null ? Voice.silent() : Voice.looping(Wav.read(wav, SimulatedCall.RATE_HZ));
    }

    private ToneCheck toneCheck(int hz) {
        try {
            return new ToneCheck(hz, SimulatedCall.RATE_HZ);
        } catch (IllegalArgumentException e) {
            throw bad("--expect-tone: " + e.getMessage());
        }
    }

    private UUID id() throws InterruptedException {
        if (register == null) {
            return uuid == null ? UUID.randomUUID() : uuid;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        if (uuid != null) {
            body.put("id", uuid.toString());
        }
        if (!agent.isEmpty()) {
            body.put("agent", agent);
        }
        JsonMapper mapper = JsonMapper.builder().build();
        HttpRequest.Builder request = HttpRequest.newBuilder(register)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(mapper.writeValueAsString(body)));
        if (!apiToken.isEmpty()) {
            request.header("Authorization", "Bearer " + apiToken);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw bad("--register: " + register + " answered " + response.statusCode() + ": " + response.body());
            }
            return UUID.fromString(mapper.readTree(response.body()).path("id").asString());
        } catch (IOException e) {
            throw bad("--register: " + register + " does not answer (" + e + "); is the daemon there?");
        }
    }

    private InetSocketAddress serverAddress() {
        int colon = server.lastIndexOf(':');
        try {
            int port = Integer.parseInt(server.substring(colon + 1));
            if (colon > 0 && port > 0 && port < 65_536) {
                return new InetSocketAddress(server.substring(0, colon).replaceAll("[\\[\\]]", ""), port);
            }
        } catch (NumberFormatException e) {
            throw bad("--server " + server + " has no port; use HOST:PORT such as 127.0.0.1:9092");
        }
        throw bad("--server " + server + " is not HOST:PORT; use for instance 127.0.0.1:9092");
    }

    private ParameterException bad(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("run through picocli only");
        }
        return spec;
    }
}
