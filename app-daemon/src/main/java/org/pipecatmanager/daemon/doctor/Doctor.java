package org.pipecatmanager.daemon.doctor;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.amqp.BrokerInspection;
import org.pipecatmanager.adapter.mysql.DatabaseInspection;
import org.pipecatmanager.adapter.redis.RedisInspection;
import org.pipecatmanager.daemon.agents.AgentsFile;
import org.pipecatmanager.daemon.config.ConfigReader;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.config.PlatformConfig;
import org.pipecatmanager.daemon.config.Settings;
import org.pipecatmanager.daemon.doctor.Finding.Level;
import org.pipecatmanager.daemon.doctor.Processes.Holder;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.AgentCatalog;
import org.pipecatmanager.ports.out.ConfigurationException;

/**
 * Looks at everything a daemon with these settings needs, whether one runs or not. It makes, migrates, declares and writes
 * nothing.
 *
 * <p>For one thread; blocks for a minute at most where nobody answers.
 */
public final class Doctor {
    private static final String SETTINGS = "settings";
    private static final String AGENTS = "agents";

    private final Map<String, String> variables;
    private final Path home;
    private final List<Finding> findings = new ArrayList<>();

    private Doctor(Map<String, String> variables, Path home) {
        this.variables = Map.copyOf(variables);
        this.home = home;
    }

    /**
     * Looks.
     *
     * @param variables the daemon's environment
     * @param file      the daemon's file of settings, or null for none
     * @param home      the folder that holds {@code python-runner}
     */
    public static Diagnosis examine(Map<String, String> variables, @Nullable Path file, Path home)
            throws InterruptedException {
        Doctor doctor = new Doctor(variables, home);
        doctor.findings.add(MachineCheck.java(Runtime.version()));
        DaemonConfig config = doctor.settings(file);
        if (config != null) {
            try (Http http = new Http()) {
                doctor.examine(config, http);
            }
        }
        return new Diagnosis(doctor.findings);
    }

    private @Nullable DaemonConfig settings(@Nullable Path file) {
        try {
            Settings settings = Settings.gather(Map.of(), variables, file);
            DaemonConfig config = ConfigReader.read(settings);
            findings.add(Finding.ok(
                    SETTINGS,
                    settings.isPlatform() ? "can be used, for platform mode" : "can be used, for the embedded default",
                    settings.describeChanged().size() + " are not their default"));
            config.warnings().forEach(warning -> findings.add(Finding.complaint(Level.WARNING, SETTINGS, warning)));
            settings.withoutEffect()
                    .forEach(key -> findings.add(Finding.warning(
                            SETTINGS,
                            key + " is set, but without effect here",
                            "",
                            "remove it; "
                                    + (settings.isPlatform()
                                            ? "it is not for platform mode"
                                            : "see docs/settings.md"))));
            return config;
        } catch (ConfigurationException e) {
            e.problems().forEach(problem -> findings.add(Finding.complaint(Level.PROBLEM, SETTINGS, problem)));
            findings.add(Finding.warning(
                    SETTINGS,
                    "nothing else was looked at: it is not known where",
                    "",
                    "set these right and ask again"));
            return null;
        }
    }

    private void examine(DaemonConfig config, Http http) throws InterruptedException {
        findings.addAll(MachineCheck.limits(config));
        Optional<String> metrics = metrics(config, http);
        boolean running = metrics.isPresent();
        findings.addAll(MachineCheck.folder(config.dataDir()));
        findings.addAll(ListenCheck.of(config, running));
        if (config.platform() != null) {
            platform(config, config.platform(), running);
        } else {
            DatabaseInspection file = DatabaseInspection.ofFile(config.dataDir());
            String holder = file.access() == DatabaseInspection.Access.IN_USE
                    ? Processes.ofLock(Path.of(file.place()))
                            .map(Holder::toString)
                            .orElse("")
                    : "";
            findings.addAll(DatabaseCheck.ofFile(file, holder, running));
        }
        findings.addAll(RunnerCheck.of(config, config.platform() == null ? agents(config) : null, home, http));
        findings.addAll(metrics.map(LegsCheck::of).orElseGet(LegsCheck::unseen));
    }

    private void platform(DaemonConfig config, PlatformConfig platform, boolean running) {
        findings.addAll(HostIdCheck.address(config.hostId()));
        BrokerInspection broker = BrokerInspection.of(platform.rabbitmq(), config.hostId());
        DatabaseInspection database = DatabaseInspection.of(platform.database());
        RedisInspection redis = RedisInspection.of(platform.redis(), config.hostId());
        findings.addAll(BrokerCheck.of(broker));
        findings.addAll(DatabaseCheck.ofServer(database));
        findings.addAll(CacheCheck.of(redis));
        findings.addAll(HostIdCheck.sharing(config.hostId(), running, broker, database, redis));
    }

    private @Nullable AgentCatalog agents(DaemonConfig config) {
        try {
            AgentCatalog agents = AgentsFile.load(config.agentsFile(), variables, config.limits());
            findings.add(Finding.ok(AGENTS, "can be used", String.join(", ", agents.names())));
            return agents;
        } catch (ConfigurationException e) {
            e.problems().forEach(problem -> findings.add(Finding.complaint(Level.PROBLEM, AGENTS, problem)));
            return null;
        }
    }

    /** What a daemon with these settings that runs here counts; empty when none does. */
    private static Optional<String> metrics(DaemonConfig config, Http http) throws InterruptedException {
        HostPort address = config.prometheus();
        if (address.port() == 0) {
            return Optional.empty();
        }
        HostPort near = address.isWildcard() ? new HostPort("127.0.0.1", address.port()) : address;
        URI uri = URI.create("http://" + near);
        if (!http.get(uri.resolve("/readyz"), Secret.of("")).json().has("status")) {
            return Optional.empty();
        }
        Http.Answer answer = http.get(uri.resolve(config.prometheusEndpoint()), Secret.of(""));
        return answer.isOk() && answer.text().contains("pipecat_manager_")
                ? Optional.of(answer.text())
                : Optional.empty();
    }
}
