package org.pipecatmanager.daemon.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * The settings, typed and checked.
 *
 * @param hostId              {@code local} in the embedded default
 * @param httpAdvertised      null: the address that was bound
 * @param runnerUrl           null: the runner is a child of the daemon
 * @param runnerCommand       empty: the one that comes with the daemon
 * @param registrationTtl     how long a registered call waits for its leg
 */
public record DaemonConfig(
        String hostId,
        HostPort http,
        @Nullable HostPort httpAdvertised,
        Secret apiToken,
        HostPort audioSocket,
        List<String> audioSocketAllow,
        int audioSocketMaxConnections,
        Duration audioSocketHandshakeTimeout,
        @Nullable URI runnerUrl,
        List<String> runnerCommand,
        Secret runnerToken,
        Path agentsFile,
        Duration registrationTtl,
        SessionLimits limits,
        Duration drainTimeout,
        int maxSessions,
        HostPort prometheus,
        String prometheusEndpoint) {
    public DaemonConfig {
        audioSocketAllow = List.copyOf(audioSocketAllow);
        runnerCommand = List.copyOf(runnerCommand);
    }
}
