package org.pipecatmanager.daemon.config;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.model.SessionLimits;
import org.pipecatmanager.ports.out.ConfigurationException;

/** Turns settings into a configuration, or into the list of everything that is wrong with them. */
public final class ConfigReader {
    private static final int HTTP_PORT = 8080;
    private static final int AUDIOSOCKET_PORT = 9092;
    private static final int METRICS_PORT = 2112;
    /** 8 and 16 kHz, in call-manager's words. */
    private static final List<String> AUDIOSOCKET_FORMATS = List.of("slin", "slin16");

    private final Settings settings;
    private final List<String> problems = new ArrayList<>();

    private ConfigReader(Settings settings) {
        this.settings = settings;
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
        if (settings.given(Key.RABBITMQ_ADDRESS).isPresent()) {
            problems.add(
                    "RABBITMQ_ADDRESS is set, which asks for platform mode; this version carries the embedded default"
                            + " only: unset it, or use a version with the platform adapters");
        }
        HostPort http = listen(Key.HTTP_LISTEN_ADDRESS, HTTP_PORT);
        Secret apiToken = Secret.of(settings.get(Key.API_TOKEN));
        Secret runnerToken = Secret.of(settings.get(Key.RUNNER_TOKEN));
        if (!http.isLoopback() && apiToken.isEmpty()) {
            problems.add("HTTP_LISTEN_ADDRESS " + http + " can be reached from other machines, but API_TOKEN is empty;"
                    + " set a token, or listen on 127.0.0.1");
        }
        URI runnerUrl = runnerUrl();
        if (runnerUrl != null && runnerToken.isEmpty() && !new HostPort(host(runnerUrl), 0).isLoopback()) {
            problems.add("RUNNER_URL " + runnerUrl + " is another machine, but RUNNER_TOKEN is empty;"
                    + " set the token the runner was started with");
        }
        checkPlatformKeys();
        DaemonConfig config = new DaemonConfig(
                "local",
                http,
                settings.given(Key.HTTP_ADVERTISED_ADDRESS).isPresent()
                        ? address(Key.HTTP_ADVERTISED_ADDRESS, "")
                        : null,
                apiToken,
                listen(Key.AUDIOSOCKET_LISTEN_ADDRESS, AUDIOSOCKET_PORT),
                words(Key.AUDIOSOCKET_ALLOW, ","),
                count(Key.AUDIOSOCKET_MAX_CONNECTIONS, 1, 100_000),
                duration(Key.AUDIOSOCKET_HANDSHAKE_TIMEOUT),
                runnerUrl,
                words(Key.RUNNER_COMMAND, " +"),
                runnerToken,
                path(Key.AGENTS_FILE),
                duration(Key.REGISTRATION_TTL),
                new SessionLimits(
                        duration(Key.LEG_TIMEOUT),
                        duration(Key.RUNNER_TIMEOUT),
                        duration(Key.IDLE_TIMEOUT),
                        duration(Key.MAX_DURATION),
                        SessionLimits.DEFAULTS.endingTimeout()),
                duration(Key.DRAIN_TIMEOUT),
                count(Key.MAX_SESSIONS, 1, 10_000),
                listen(Key.PROMETHEUS_LISTEN_ADDRESS, METRICS_PORT),
                endpoint());
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return config;
    }

    /** What the embedded default does not use is wrong all the same when it is wrong. */
    private void checkPlatformKeys() {
        settings.given(Key.AUDIOSOCKET_ADVERTISED_ADDRESS)
                .ifPresent(text -> address(Key.AUDIOSOCKET_ADVERTISED_ADDRESS, text));
        String format = settings.get(Key.AUDIOSOCKET_FORMAT);
        if (!AUDIOSOCKET_FORMATS.contains(format)) {
            problems.add("AUDIOSOCKET_FORMAT is '" + format + "'; set " + String.join(" or ", AUDIOSOCKET_FORMATS));
        }
        Path data = path(Key.DATA_DIR);
        if (Files.exists(data) && !Files.isDirectory(data)) {
            problems.add("DATA_DIR '" + data + "' is not a folder; name one, which need not exist yet");
        }
        String retention = settings.get(Key.TRANSCRIPT_RETENTION);
        if (parsed(Key.TRANSCRIPT_RETENTION, retention, Durations::parse, Duration.ZERO)
                .isNegative()) {
            problems.add("TRANSCRIPT_RETENTION is " + retention + "; set a duration such as 30d, or 0 to keep none");
        }
    }

    private Path path(Key key) {
        return parsed(key, settings.get(key), Path::of, Path.of(key.defaultValue()));
    }

    private HostPort listen(Key key, int port) {
        String host = settings.given(Key.POD_IP).orElse("127.0.0.1");
        return address(key, (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }

    private HostPort address(Key key, String fallback) {
        return parsed(key, settings.given(key).orElse(fallback), HostPort::parse, new HostPort("127.0.0.1", 0));
    }

    private Duration duration(Key key) {
        Duration value = parsed(key, settings.get(key), Durations::parse, Duration.ofSeconds(1));
        if (value.isZero() || value.isNegative()) {
            problems.add(key + " is " + settings.get(key) + "; set a positive duration such as " + key.defaultValue());
            return Duration.ofSeconds(1);
        }
        return value;
    }

    private int count(Key key, int min, int max) {
        String text = settings.get(key);
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, with what would be right
        }
        problems.add(key + " is '" + text + "'; set a whole number from " + min + " to " + max);
        return min;
    }

    private @Nullable URI runnerUrl() {
        if (settings.given(Key.RUNNER_URL).isEmpty()) {
            return null;
        }
        return parsed(
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
            problems.add("PROMETHEUS_ENDPOINT is '" + path + "'; it starts with a slash, such as /metrics");
        }
        return path;
    }

    private List<String> words(Key key, String separator) {
        return Arrays.stream(settings.get(key).split(separator))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private <T> T parsed(Key key, String text, Function<String, T> parser, T substitute) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            problems.add(key + ": " + e.getMessage());
            return substitute;
        }
    }
}
