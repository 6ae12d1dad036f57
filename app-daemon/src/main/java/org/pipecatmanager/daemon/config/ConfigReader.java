package org.pipecatmanager.daemon.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.out.ConfigurationException;

/** Turns settings into a configuration, or into the list of everything that is wrong with them. */
public final class ConfigReader {
    private static final String EMBEDDED_HOST_ID = "local";
    private static final int HTTP_PORT = 8080;
    private static final int AUDIOSOCKET_PORT = 9092;
    private static final int METRICS_PORT = 2112;
    private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(60);

    private final Settings settings;
    private final Values values;
    private final PlatformReader platform;

    private ConfigReader(Settings settings) {
        this.settings = settings;
        this.values = new Values(settings);
        this.platform = new PlatformReader(settings, values);
    }

    /**
     * Reads all settings.
     *
     * @throws ConfigurationException with every problem
     */
    public static DaemonConfig read(Settings settings) {
        return new ConfigReader(settings).read();
    }

    private DaemonConfig read() {
        boolean onPlatform = settings.isPlatform();
        HostPort http = listen(Key.HTTP_LISTEN_ADDRESS, HTTP_PORT);
        HostPort audioSocket = listen(Key.AUDIOSOCKET_LISTEN_ADDRESS, AUDIOSOCKET_PORT);
        Secret apiToken = Secret.of(settings.get(Key.API_TOKEN));
        boolean controlApi = http.isLoopback() || !apiToken.isEmpty();
        if (!controlApi) {
            unguarded(http, onPlatform);
        }
        Secret runnerToken = Secret.of(settings.get(Key.RUNNER_TOKEN));
        URI runnerUrl = runnerUrl();
        if (runnerUrl != null && runnerToken.isEmpty() && !new HostPort(host(runnerUrl), 0).isLoopback()) {
            values.problem("RUNNER_URL " + runnerUrl + " is another machine, but RUNNER_TOKEN is empty;"
                    + " set the token the runner was started with");
        }
        String hostId = onPlatform ? platform.hostId() : EMBEDDED_HOST_ID;
        PlatformConfig platformPart = onPlatform ? platform.read(hostId, audioSocket) : checkedOnly();
        DaemonConfig config = new DaemonConfig(
                hostId,
                http,
                settings.given(Key.HTTP_ADVERTISED_ADDRESS).isPresent()
                        ? values.address(Key.HTTP_ADVERTISED_ADDRESS, "")
                        : null,
                apiToken,
                controlApi,
                audioSocket,
                values.words(Key.AUDIOSOCKET_ALLOW, ","),
                values.count(Key.AUDIOSOCKET_MAX_CONNECTIONS, 1, 100_000),
                values.positive(Key.AUDIOSOCKET_HANDSHAKE_TIMEOUT),
                runnerUrl,
                values.words(Key.RUNNER_COMMAND, " +"),
                runnerToken,
                path(Key.AGENTS_FILE),
                dataDir(),
                retention(Key.TRANSCRIPT_RETENTION),
                retention(Key.RECORDING_RETENTION),
                values.positive(Key.REGISTRATION_TTL),
                limits(),
                values.positive(Key.DRAIN_TIMEOUT),
                values.count(Key.MAX_SESSIONS, 1, 10_000),
                warmUp(),
                tapeDir(),
                tapePrompts(),
                listen(Key.PROMETHEUS_LISTEN_ADDRESS, METRICS_PORT),
                endpoint(),
                new TracingReader(settings, values).read(),
                platformPart,
                values.warnings());
        if (!values.problems().isEmpty()) {
            throw new ConfigurationException(values.problems());
        }
        return config;
    }

    private void unguarded(HostPort http, boolean onPlatform) {
        String reached = "HTTP_LISTEN_ADDRESS " + http + " can be reached from other machines, but API_TOKEN is empty";
        if (onPlatform) {
            values.warning(reached + ": the control API is off there, runners connect as ever, calls are controlled"
                    + " over RabbitMQ; set a token to have it");
        } else {
            values.problem(reached + "; set a token, or listen on 127.0.0.1");
        }
    }

    /** What the embedded default does not use is wrong all the same when it is wrong. */
    private @Nullable PlatformConfig checkedOnly() {
        settings.given(Key.AUDIOSOCKET_ADVERTISED_ADDRESS)
                .ifPresent(text -> values.address(Key.AUDIOSOCKET_ADVERTISED_ADDRESS, text));
        platform.format();
        return null;
    }

    private SessionLimits limits() {
        return new SessionLimits(
                values.positive(Key.LEG_TIMEOUT),
                values.positive(Key.RUNNER_TIMEOUT),
                values.positive(Key.IDLE_TIMEOUT),
                values.positive(Key.MAX_DURATION),
                SessionLimits.DEFAULTS.endingTimeout(),
                values.count(Key.RUNNER_RETRIES, 0, SessionLimits.MAX_RUNNER_RETRIES));
    }

    private Path dataDir() {
        Path data = path(Key.DATA_DIR);
        if (Files.exists(data) && !Files.isDirectory(data)) {
            values.problem("DATA_DIR '" + data + "' is not a folder; name one, which need not exist yet");
        }
        return data;
    }

    private @Nullable Path tapeDir() {
        if (settings.given(Key.TAPE_DIR).isEmpty()) {
            return null;
        }
        Path folder = path(Key.TAPE_DIR);
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            values.problem("TAPE_DIR '" + folder + "' is not a folder; name one, which need not exist yet");
        }
        values.warning("TAPE_DIR is set: the sound and the words of every call are written to " + folder
                + ", some 3 MB a minute, and stay there until you delete them");
        return folder;
    }

    private boolean tapePrompts() {
        String text = settings.get(Key.TAPE_PROMPTS);
        if (!text.equals("on") && !text.equals("off")) {
            values.problem("TAPE_PROMPTS is '" + text + "'; use on or off");
        }
        return text.equals("on");
    }

    private Duration retention(Key key) {
        String text = settings.get(key);
        Duration retention = values.parsed(key, text, Durations::parse, Duration.ZERO);
        if (retention.isNegative()) {
            values.problem(key + " is " + text + "; set a duration such as 30d, or 0 to keep none");
        }
        return retention;
    }

    private Duration warmUp() {
        String text = settings.get(Key.WARM_UP);
        Duration warmUp = values.parsed(Key.WARM_UP, text, Durations::parse, Duration.ZERO);
        if (warmUp.isNegative() || warmUp.compareTo(LONGEST_WARM_UP) > 0) {
            values.problem(
                    "WARM_UP is " + text + "; set it between 0, for none, and " + LONGEST_WARM_UP.toSeconds() + "s");
        }
        return warmUp;
    }

    private Path path(Key key) {
        return values.parsed(key, settings.get(key), Path::of, Path.of(key.defaultValue()));
    }

    private HostPort listen(Key key, int port) {
        String host = settings.given(Key.POD_IP).orElse("127.0.0.1");
        return values.address(key, (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }

    private @Nullable URI runnerUrl() {
        if (settings.given(Key.RUNNER_URL).isEmpty()) {
            return null;
        }
        return values.parsed(
                Key.RUNNER_URL,
                settings.get(Key.RUNNER_URL),
                text -> {
                    URI uri = URI.create(text);
                    if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                        throw new IllegalArgumentException(
                                "'" + text + "' is no address such as http://127.0.0.1:8000");
                    }
                    return uri;
                },
                URI.create("http://127.0.0.1"));
    }

    private static String host(URI uri) {
        String host = uri.getHost();
        return host == null ? "" : host.replaceAll("[\\[\\]]", "");
    }

    private String endpoint() {
        String path = settings.get(Key.PROMETHEUS_ENDPOINT);
        if (!path.startsWith("/")) {
            values.problem("PROMETHEUS_ENDPOINT is '" + path + "'; it starts with a slash, such as /metrics");
        }
        return path;
    }
}
