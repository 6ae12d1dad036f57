package org.pipecatmanager.daemon.doctor;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.agents.ProviderCheck;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.doctor.Finding.Level;
import org.pipecatmanager.ports.out.AgentCatalog;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The runner, its Python and its providers. */
final class RunnerCheck {
    private static final String AREA = "runner";
    private static final String PROVIDERS = "providers";
    private static final String LEAST_PYTHON = "3.11";
    private static final Map<String, String> KINDS =
            Map.of("llm", "language models", "stt", "recognisers", "tts", "voices");

    private final DaemonConfig config;
    /** Null on a platform, and where the file cannot be read. */
    private final @Nullable AgentCatalog agents;

    private final List<Finding> findings = new ArrayList<>();

    private RunnerCheck(DaemonConfig config, @Nullable AgentCatalog agents) {
        this.config = config;
        this.agents = agents;
    }

    static List<Finding> of(DaemonConfig config, @Nullable AgentCatalog agents, Path home, Http http)
            throws InterruptedException {
        RunnerCheck check = new RunnerCheck(config, agents);
        URI url = config.runnerUrl();
        if (url == null) {
            check.child(config.runnerCommand().isEmpty() ? ChildRunner.own(home) : config.runnerCommand());
        } else {
            check.service(url, http);
        }
        return check.findings;
    }

    private void service(URI url, Http http) throws InterruptedException {
        Http.Answer health = http.get(url.resolve("/health"), config.runnerToken());
        if (!health.isOk()) {
            String where = "RUNNER_URL=" + url;
            if (health.status() == 401 || health.status() == 403) {
                findings.add(wrongToken(where));
            } else {
                findings.add(
                        Finding.problem(
                                AREA,
                                health.status() == 0 ? "no runner answers" : "the runner answers " + health.status(),
                                health.status() == 0 ? where + ", " + health.text() : where,
                                "start it (systemctl status pipecat-runner), check RUNNER_URL, and that no firewall is between"));
            }
            findings.add(notAsked());
            return;
        }
        JsonNode said = health.json();
        String version = said.path("version").asString("");
        String pipecat = said.path("pipecat").asString("");
        findings.add(Finding.ok(
                AREA,
                "answers",
                url
                        + (version.isEmpty() ? "" : ", version " + version)
                        + (pipecat.isEmpty() ? "" : ", pipecat " + pipecat)));
        if (said.path("status").asString("").equals("warming")) {
            findings.add(Finding.warning(
                    AREA, "it loads its models, and calls wait", url.toString(), "ask again in a minute"));
        }
        findings.addAll(ClockCheck.of(AREA, health.clockAhead()));
        Http.Answer providers = http.get(url.resolve("/providers"), config.runnerToken());
        if (providers.status() == 401 || providers.status() == 403) {
            findings.add(wrongToken("RUNNER_URL=" + url));
            findings.add(notAsked());
        } else if (providers.isOk() && providers.json().isObject()) {
            providers(providers.json());
        } else {
            findings.add(notAsked());
        }
    }

    private static Finding wrongToken(String where) {
        return Finding.problem(
                AREA,
                "the runner refuses our token: every call will end as runner_refused",
                where,
                "set RUNNER_TOKEN here and in the runner's environment to the same text");
    }

    private static Finding notAsked() {
        return Finding.warning(
                PROVIDERS,
                "keys and models could not be asked for: there is no runner to ask",
                "",
                "ask again when the runner answers");
    }

    private void child(List<String> command) throws InterruptedException {
        String program = command.getFirst();
        if (!ChildRunner.canBeAsked(command)) {
            findings.add(Finding.warning(
                    PROVIDERS,
                    "RUNNER_COMMAND starts another program than pipecat_runner, which could not be asked what it has",
                    program,
                    "ask the running daemon: pipecat-control providers"));
            return;
        }
        ChildRunner child = ChildRunner.ask(command);
        JsonNode said = child.description();
        if (said == null) {
            findings.add(
                    Finding.problem(
                            AREA,
                            "the runner that the daemon starts cannot be started",
                            program + ": " + child.failure(),
                            "install it: bin/pipecat-runner-setup, in a source tree make setup; or set RUNNER_COMMAND or RUNNER_URL"));
            findings.add(notAsked());
            return;
        }
        String python = said.path("python").asString("");
        findings.add(
                Versions.isAtLeast(python, LEAST_PYTHON)
                        ? Finding.ok(
                                AREA,
                                "can be started as a child",
                                "Python " + python + ", version "
                                        + said.path("version").asString("") + ", pipecat "
                                        + said.path("pipecat").asString(""))
                        : Finding.problem(
                                AREA,
                                "its Python is too old",
                                "Python " + python,
                                "install Python " + LEAST_PYTHON + " or later and set the runner up again"));
        providers(said.path("providers"));
    }

    private void providers(JsonNode described) {
        Map<String, Object> map =
                JsonMapper.shared().convertValue(described, new TypeReference<Map<String, Object>>() {});
        if (agents != null) {
            List<String> complaints = ProviderCheck.complaints(agents, map);
            complaints.forEach(complaint -> findings.add(withWayOut(complaint)));
            if (complaints.isEmpty()) {
                findings.add(Finding.ok(
                        PROVIDERS, "every agent's are installed and configured", String.join(", ", agents.names())));
            }
            return;
        }
        Map<String, List<String>> ready = new HashMap<>();
        for (String kind : KINDS.keySet()) {
            List<String> names = new ArrayList<>();
            for (JsonNode provider : described.path(kind)) {
                if (provider.path("installed").asBoolean(true)
                        && provider.path("configured").asBoolean(true)) {
                    names.add(provider.path("name").asString(""));
                }
            }
            ready.put(kind, names);
        }
        for (String kind : List.of("llm", "stt", "tts")) {
            List<String> names = ready.getOrDefault(kind, List.of());
            String title = KINDS.getOrDefault(kind, kind);
            findings.add(
                    names.isEmpty()
                            ? Finding.warning(
                                    PROVIDERS,
                                    "no " + title + " can be used without a key in the request",
                                    "",
                                    "set the provider's variable in the runner's environment; pipecat-control providers names them")
                            : Finding.ok(PROVIDERS, title + " can be used", String.join(", ", names)));
        }
    }

    private static Finding withWayOut(String complaint) {
        Finding plain = Finding.complaint(Level.PROBLEM, PROVIDERS, complaint);
        return plain.remedy().isEmpty()
                ? Finding.problem(
                        PROVIDERS,
                        complaint,
                        "",
                        "set the variable in the environment of the runner (of the daemon, where it starts the runner)")
                : plain;
    }
}
