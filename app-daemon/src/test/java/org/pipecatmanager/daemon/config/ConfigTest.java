package org.pipecatmanager.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.out.ConfigurationException;

class ConfigTest {
    private static final String DEFAULTS = """
            HTTP_LISTEN_ADDRESS=
            HTTP_ADVERTISED_ADDRESS=
            AUDIOSOCKET_LISTEN_ADDRESS=
            AUDIOSOCKET_ADVERTISED_ADDRESS=
            AUDIOSOCKET_ALLOW=
            AUDIOSOCKET_MAX_CONNECTIONS=1000
            AUDIOSOCKET_HANDSHAKE_TIMEOUT=5s
            AUDIOSOCKET_FORMAT=slin
            RUNNER_URL=
            RUNNER_COMMAND=
            RUNNER_TOKEN=
            API_TOKEN=
            AGENTS_FILE=agents.yaml
            DATA_DIR=data
            REGISTRATION_TTL=60s
            LEG_TIMEOUT=30s
            RUNNER_TIMEOUT=15s
            RUNNER_RETRIES=2
            IDLE_TIMEOUT=300s
            MAX_DURATION=2h
            DRAIN_TIMEOUT=30s
            MAX_SESSIONS=400
            WARM_UP=600ms
            TRANSCRIPT_RETENTION=30d
            RECORDING_RETENTION=30d
            TAPE_DIR=
            TAPE_PROMPTS=off
            PROMETHEUS_LISTEN_ADDRESS=
            PROMETHEUS_ENDPOINT=/metrics
            OTEL_EXPORTER_OTLP_ENDPOINT=
            OTEL_EXPORTER_OTLP_HEADERS=
            OTEL_RESOURCE_ATTRIBUTES=
            OTEL_TRACES_SAMPLER_ARG=1
            POD_IP=
            RABBITMQ_ADDRESS=
            DATABASE_DSN=
            REDIS_ADDRESS=
            REDIS_PASSWORD=
            REDIS_DATABASE=1
            """;

    @Test
    void every_key_has_its_published_default() {
        String keys = Arrays.stream(Key.values())
                .map(key -> key.name() + "=" + key.defaultValue())
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(keys).isEqualTo(DEFAULTS);
    }

    @Test
    void without_any_setting_everything_listens_on_loopback() {
        DaemonConfig config = read(Map.of());
        assertThat(config.http()).hasToString("127.0.0.1:8080");
        assertThat(config.audioSocket()).hasToString("127.0.0.1:9092");
        assertThat(config.prometheus()).hasToString("127.0.0.1:2112");
        assertThat(config.hostId()).isEqualTo("local");
        assertThat(config.runnerUrl()).isNull();
        assertThat(config.onPlatform()).isEmpty();
        assertThat(config.controlApi()).isTrue();
        assertThat(config.limits().maxDuration()).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void every_setting_arrives_where_it_belongs() {
        DaemonConfig config = read(Map.ofEntries(
                Map.entry("HTTP_LISTEN_ADDRESS", "127.0.0.2:1"),
                Map.entry("HTTP_ADVERTISED_ADDRESS", "pipecat:2"),
                Map.entry("AUDIOSOCKET_LISTEN_ADDRESS", ":3"),
                Map.entry("AUDIOSOCKET_ALLOW", "10.0.0.0/8, 127.0.0.1"),
                Map.entry("AUDIOSOCKET_MAX_CONNECTIONS", "4"),
                Map.entry("AUDIOSOCKET_HANDSHAKE_TIMEOUT", "6s"),
                Map.entry("RUNNER_URL", "http://127.0.0.1:7"),
                Map.entry("RUNNER_COMMAND", "python -m  runner"),
                Map.entry("RUNNER_TOKEN", "r"),
                Map.entry("API_TOKEN", "a"),
                Map.entry("AGENTS_FILE", "x.yaml"),
                Map.entry("DATA_DIR", "d"),
                Map.entry("TRANSCRIPT_RETENTION", "2d"),
                Map.entry("RECORDING_RETENTION", "3d"),
                Map.entry("REGISTRATION_TTL", "8s"),
                Map.entry("LEG_TIMEOUT", "9s"),
                Map.entry("RUNNER_TIMEOUT", "10s"),
                Map.entry("RUNNER_RETRIES", "0"),
                Map.entry("IDLE_TIMEOUT", "11s"),
                Map.entry("MAX_DURATION", "12s"),
                Map.entry("DRAIN_TIMEOUT", "13s"),
                Map.entry("MAX_SESSIONS", "14"),
                Map.entry("WARM_UP", "2s"),
                Map.entry("PROMETHEUS_LISTEN_ADDRESS", "[::1]:15"),
                Map.entry("PROMETHEUS_ENDPOINT", "/m")));
        assertThat(config.http()).isEqualTo(new HostPort("127.0.0.2", 1));
        assertThat(config.httpAdvertised()).isEqualTo(new HostPort("pipecat", 2));
        assertThat(config.audioSocket()).isEqualTo(new HostPort("0.0.0.0", 3));
        assertThat(config.audioSocketAllow()).containsExactly("10.0.0.0/8", "127.0.0.1");
        assertThat(config.audioSocketMaxConnections()).isEqualTo(4);
        assertThat(config.audioSocketHandshakeTimeout()).isEqualTo(Duration.ofSeconds(6));
        assertThat(config.runnerUrl()).isEqualTo(URI.create("http://127.0.0.1:7"));
        assertThat(config.runnerCommand()).containsExactly("python", "-m", "runner");
        assertThat(config.runnerToken().reveal()).isEqualTo("r");
        assertThat(config.apiToken().reveal()).isEqualTo("a");
        assertThat(config.agentsFile()).isEqualTo(Path.of("x.yaml"));
        assertThat(config.dataDir()).isEqualTo(Path.of("d"));
        assertThat(config.transcriptRetention()).isEqualTo(Duration.ofDays(2));
        assertThat(config.recordingRetention()).isEqualTo(Duration.ofDays(3));
        assertThat(config.registrationTtl()).isEqualTo(Duration.ofSeconds(8));
        assertThat(config.limits().legTimeout()).isEqualTo(Duration.ofSeconds(9));
        assertThat(config.limits().runnerTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.limits().runnerRetries()).isZero();
        assertThat(config.limits().idleTimeout()).isEqualTo(Duration.ofSeconds(11));
        assertThat(config.limits().maxDuration()).isEqualTo(Duration.ofSeconds(12));
        assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(13));
        assertThat(config.maxSessions()).isEqualTo(14);
        assertThat(config.warmUp()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.prometheus()).isEqualTo(new HostPort("::1", 15));
        assertThat(config.prometheusEndpoint()).isEqualTo("/m");
    }

    @Test
    void a_flag_wins_over_the_environment_and_that_over_the_file(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("settings.yaml"), "max-sessions: 1\ndrain_timeout: 1s\nDATA_DIR: from-file\n");
        Settings settings = Settings.gather(
                Map.of(Key.MAX_SESSIONS, "3"), Map.of("MAX_SESSIONS", "2", "DRAIN_TIMEOUT", "2s"), file);
        assertThat(settings.get(Key.MAX_SESSIONS)).isEqualTo("3");
        assertThat(settings.get(Key.DRAIN_TIMEOUT)).isEqualTo("2s");
        assertThat(settings.get(Key.DATA_DIR)).isEqualTo("from-file");
        assertThat(settings.describe())
                .contains(
                        "MAX_SESSIONS = 3  [flag]",
                        "DRAIN_TIMEOUT = 2s  [environment]",
                        "DATA_DIR = from-file  [" + file + "]",
                        "LEG_TIMEOUT = 30s  [default]");
    }

    @Test
    void only_what_is_not_default_is_told_briefly() {
        Settings settings = Settings.gather(
                Map.of(Key.MAX_SESSIONS, "3", Key.LEG_TIMEOUT, "30s"), Map.of("API_TOKEN", "tiger"), null);
        assertThat(settings.describeChanged())
                .containsExactly("API_TOKEN = ***  [environment]", "MAX_SESSIONS = 3  [flag]");
        assertThat(Settings.gather(Map.of(), Map.of(), null).describeChanged()).isEmpty();
    }

    @Test
    void keys_that_were_set_but_change_nothing_are_known() {
        Map<String, String> set = Map.of(
                "AUDIOSOCKET_FORMAT", "slin16",
                "AUDIOSOCKET_ADVERTISED_ADDRESS", "pbx:9092",
                "TRANSCRIPT_RETENTION", "0",
                "DATA_DIR", "data",
                "LEG_TIMEOUT", "9s",
                "REDIS_DATABASE", "1",
                "RUNNER_COMMAND", "python",
                "MAX_SESSIONS", "3");
        assertThat(Settings.gather(Map.of(), set, null).withoutEffect())
                .containsExactly(
                        Key.AUDIOSOCKET_ADVERTISED_ADDRESS,
                        Key.AUDIOSOCKET_FORMAT,
                        Key.LEG_TIMEOUT,
                        Key.REDIS_DATABASE);
        assertThat(Settings.gather(Map.of(Key.RUNNER_URL, "http://127.0.0.1:1"), set, null)
                        .withoutEffect())
                .contains(Key.RUNNER_COMMAND);
        assertThat(Settings.gather(Map.of(), Map.of(), null).withoutEffect()).isEmpty();
    }

    @Test
    void what_has_no_effect_is_checked_all_the_same(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(problems(() -> read(Map.of(
                        "AUDIOSOCKET_FORMAT", "ulaw",
                        "AUDIOSOCKET_ADVERTISED_ADDRESS", "pbx",
                        "TRANSCRIPT_RETENTION", "PT-1S",
                        "DATA_DIR", file.toString()))))
                .satisfiesExactlyInAnyOrder(
                        problem -> assertThat(problem)
                                .startsWith("AUDIOSOCKET_FORMAT")
                                .contains("'ulaw'", "slin or slin16"),
                        problem -> assertThat(problem)
                                .startsWith("AUDIOSOCKET_ADVERTISED_ADDRESS")
                                .contains("'pbx'"),
                        problem -> assertThat(problem)
                                .startsWith("TRANSCRIPT_RETENTION")
                                .contains("PT-1S"),
                        problem -> assertThat(problem).startsWith("DATA_DIR").contains(file.toString()));
        assertThat(problems(() -> read(Map.of("TRANSCRIPT_RETENTION", "long")))).hasSize(1);
        assertThat(read(Map.of(
                        "TRANSCRIPT_RETENTION", "0", "AUDIOSOCKET_FORMAT", "slin16", "DATA_DIR", folder.toString())))
                .isNotNull();
    }

    @Test
    void an_unknown_key_of_the_file_is_refused_with_what_was_meant(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("settings.yaml"), "max_sesions: 1\n");
        assertThat(problems(() -> Settings.gather(Map.of(), Map.of(), file)))
                .singleElement()
                .asString()
                .contains("max_sesions", "did you mean 'max-sessions'?");
    }

    @Test
    void all_problems_are_reported_at_once() {
        List<String> problems = problems(() -> read(Map.of(
                "HTTP_LISTEN_ADDRESS", "nowhere",
                "MAX_SESSIONS", "many",
                "IDLE_TIMEOUT", "0",
                "LEG_TIMEOUT", "soon",
                "WARM_UP", "61s",
                "RUNNER_URL", "ftp://x",
                "PROMETHEUS_ENDPOINT", "metrics")));
        assertThat(problems).hasSize(7);
        for (String key : new TreeSet<>(List.of(
                "HTTP_LISTEN_ADDRESS",
                "MAX_SESSIONS",
                "WARM_UP",
                "IDLE_TIMEOUT",
                "LEG_TIMEOUT",
                "RUNNER_URL",
                "PROMETHEUS_ENDPOINT"))) {
            assertThat(problems).as(key).anyMatch(problem -> problem.startsWith(key));
        }
    }

    @Test
    void secrets_are_never_described() {
        Settings settings = Settings.gather(
                Map.of(),
                Map.of(
                        "API_TOKEN",
                        "tiger",
                        "RUNNER_TOKEN",
                        "tiger",
                        "RABBITMQ_ADDRESS",
                        "amqp://u:tiger@h",
                        "REDIS_ADDRESS",
                        "redis://u:tiger@h:1/2"),
                null);
        assertThat(settings.describe())
                .noneMatch(line -> line.contains("tiger"))
                .contains("API_TOKEN = ***  [environment]", "REDIS_ADDRESS = redis://***@h:1/2  [environment]");
    }

    @Test
    void a_control_api_beyond_loopback_needs_a_token() {
        assertThat(problems(() -> read(Map.of("HTTP_LISTEN_ADDRESS", ":8080"))))
                .singleElement()
                .asString()
                .contains("0.0.0.0:8080", "API_TOKEN");
        assertThat(problems(() -> read(Map.of("POD_IP", "10.1.2.3")))).hasSize(1);
        assertThat(read(Map.of("HTTP_LISTEN_ADDRESS", ":8080", "API_TOKEN", "t"))
                        .http()
                        .port())
                .isEqualTo(8080);
    }

    @Test
    void a_runner_on_another_machine_needs_a_token() {
        assertThat(problems(() -> read(Map.of("RUNNER_URL", "http://10.1.2.3:8000"))))
                .singleElement()
                .asString()
                .contains("RUNNER_TOKEN");
        assertThat(read(Map.of("RUNNER_URL", "http://localhost:8000")).runnerUrl())
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "5s,PT5S", "10m,PT10M", "2h,PT2H", "30d,PT720H", "PT7S,PT7S", "0,PT0S"})
    void durations_are_read_as_people_write_them(String text, Duration expected) {
        assertThat(Durations.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http-listen-address", "http_listen_address", "HTTP_LISTEN_ADDRESS", "http.listen.address"})
    void a_key_is_known_in_every_spelling(String spelling) {
        assertThat(Key.of(spelling)).contains(Key.HTTP_LISTEN_ADDRESS);
    }

    private static DaemonConfig read(Map<String, String> environment) {
        return ConfigReader.read(Settings.gather(Map.of(), environment, null));
    }

    private static List<String> problems(ThrowingCallable action) {
        return catchThrowableOfType(ConfigurationException.class, action).problems();
    }
}
