package org.pipecatmanager.daemon.wiring;

import com.google.inject.AbstractModule;
import com.google.inject.Provider;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.pipecatws.HttpRunnerLauncher;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.daemon.config.DaemonConfig;
import org.pipecatmanager.daemon.config.HostPort;
import org.pipecatmanager.daemon.config.TracingConfig;
import org.pipecatmanager.daemon.runner.Runner;
import org.pipecatmanager.daemon.runner.RunnerProcess;
import org.pipecatmanager.ports.memory.RandomIds;
import org.pipecatmanager.ports.model.Secret;

/** The runner: the one at {@code RUNNER_URL}, or a child. */
final class RunnerModule extends AbstractModule {
    private final DaemonEnvironment environment;

    RunnerModule(DaemonEnvironment environment) {
        this.environment = environment;
    }

    @Provides
    @Singleton
    HttpRunnerLauncher launcher(DaemonConfig config, Runner runner, Provider<PipecatWsServer> http) {
        return new HttpRunnerLauncher(
                runner::address,
                runner.token(),
                () -> advertised(config.httpAdvertised(), http.get().address()));
    }

    /** What an advertised or bound address looks like to a runner: an address for "everywhere" is reached by loopback. */
    private static URI advertised(@Nullable HostPort advertised, InetSocketAddress bound) {
        if (advertised != null) {
            return URI.create("http://" + advertised);
        }
        boolean everywhere = bound.getAddress().isAnyLocalAddress();
        String host = everywhere ? "127.0.0.1" : bound.getAddress().getHostAddress();
        return URI.create("http://" + new HostPort(host, bound.getPort()));
    }

    @Provides
    @Singleton
    Runner runner(DaemonConfig config, RandomIds ids) {
        if (config.runnerUrl() != null) {
            return Runner.at(config.runnerUrl(), config.runnerToken());
        }
        Secret token = config.runnerToken().isEmpty() ? ids.nextToken() : config.runnerToken();
        List<String> command = config.runnerCommand().isEmpty() ? ownCommand() : config.runnerCommand();
        return new Runner(
                Optional.of(new RunnerProcess(command, childVariables(config, token))), Optional.empty(), token);
    }

    /** Its own spans go where ours go, wherever our settings come from. */
    private static Map<String, String> childVariables(DaemonConfig config, Secret token) {
        Map<String, String> variables = new HashMap<>(Map.of("RUNNER_TOKEN", token.reveal()));
        TracingConfig tracing = config.tracing();
        if (tracing != null) {
            variables.put("OTEL_EXPORTER_OTLP_ENDPOINT", tracing.endpoint().toString());
            if (!tracing.headers().isEmpty()) {
                variables.put("OTEL_EXPORTER_OTLP_HEADERS", tracing.headersText());
            }
        }
        return variables;
    }

    private List<String> ownCommand() {
        String python =
                environment.home().resolve("python-runner/.venv/bin/python").toString();
        return List.of(python, "-m", "pipecat_runner", "--host", "127.0.0.1", "--port", "0", "--child");
    }
}
