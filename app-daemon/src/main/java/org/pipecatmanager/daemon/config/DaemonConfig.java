package org.pipecatmanager.daemon.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;

/**
 * The settings, typed and checked.
 *
 * @param hostId              {@code local} in the embedded default, {@code POD_IP} on a platform
 * @param httpAdvertised      null: the address that was bound
 * @param controlApi          whether the HTTP port serves the control API, or runners and health only
 * @param runnerUrl           null: the runner is a child of the daemon
 * @param runnerCommand       empty: the one that comes with the daemon
 * @param dataDir             need not exist yet
 * @param transcriptRetention zero: transcripts are not kept
 * @param recordingRetention  zero: nothing is recorded
 * @param registrationTtl     how long a registered call waits for its leg
 * @param warmUp              how long to rehearse; zero: not at all
 * @param tracing             null: no spans are made
 * @param tapeDir             null: no call is taped
 * @param platform            null: the embedded default
 * @param warnings            what works, but probably not as meant
 */
public record DaemonConfig(
        String hostId,
        HostPort http,
        @Nullable HostPort httpAdvertised,
        Secret apiToken,
        boolean controlApi,
        HostPort audioSocket,
        List<String> audioSocketAllow,
        int audioSocketMaxConnections,
        Duration audioSocketHandshakeTimeout,
        @Nullable URI runnerUrl,
        List<String> runnerCommand,
        Secret runnerToken,
        Path agentsFile,
        Path dataDir,
        Duration transcriptRetention,
        Duration recordingRetention,
        Duration registrationTtl,
        SessionLimits limits,
        Duration drainTimeout,
        int maxSessions,
        Duration warmUp,
        @Nullable Path tapeDir,
        boolean tapePrompts,
        HostPort prometheus,
        String prometheusEndpoint,
        @Nullable TracingConfig tracing,
        @Nullable PlatformConfig platform,
        List<String> warnings) {
    public DaemonConfig {
        audioSocketAllow = List.copyOf(audioSocketAllow);
        runnerCommand = List.copyOf(runnerCommand);
        warnings = List.copyOf(warnings);
    }

    /** The platform's part, where there is one. */
    public Optional<PlatformConfig> onPlatform() {
        return Optional.ofNullable(platform);
    }
}
