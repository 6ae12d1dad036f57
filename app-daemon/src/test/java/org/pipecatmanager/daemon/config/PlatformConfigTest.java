package org.pipecatmanager.daemon.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.out.ConfigurationException;

/** What RABBITMQ_ADDRESS asks for, and what it then needs. */
class PlatformConfigTest {
    private static final Map<String, String> WHOLE = Map.of(
            "RABBITMQ_ADDRESS", "amqps://u:tiger@rabbit:5671/%2f",
            "DATABASE_DSN", "u:tiger@tcp(mysql:3306)/bin_manager",
            "REDIS_ADDRESS", "redis:6379",
            "POD_IP", "10.1.2.3",
            "API_TOKEN", "a");

    @Test
    void every_part_arrives() {
        PlatformConfig platform = platform(
                "REDIS_PASSWORD", "r",
                "REDIS_DATABASE", "3",
                "AUDIOSOCKET_FORMAT", "slin16",
                "AUDIOSOCKET_ADVERTISED_ADDRESS", "pbx:9092");
        assertThat(platform.rabbitmq().uri().reveal()).isEqualTo("amqps://u:tiger@rabbit:5671/%2f");
        assertThat(platform.database()).asString().contains("mysql:3306/bin_manager", "as u");
        assertThat(platform.redis().address()).isEqualTo("redis:6379");
        assertThat(platform.redis().password().reveal()).isEqualTo("r");
        assertThat(platform.redis().database()).isEqualTo(3);
        assertThat(platform.audioSocketFormat()).isEqualTo(AudioFormat.SLIN_16K);
        assertThat(platform.audioSocketAdvertised()).isEqualTo(new HostPort("pbx", 9092));
        assertThat(read().toString()).doesNotContain("tiger");
    }

    @Test
    void the_address_of_the_host_names_it_and_is_where_it_listens() {
        DaemonConfig config = read();
        assertThat(config.hostId()).isEqualTo("10.1.2.3");
        assertThat(config.audioSocket()).isEqualTo(new HostPort("10.1.2.3", 9092));
        assertThat(config.http()).isEqualTo(new HostPort("10.1.2.3", 8080));
        assertThat(platform().audioSocketAdvertised()).isNull();
        assertThat(platform().audioSocketFormat()).isEqualTo(AudioFormat.SLIN_8K);
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void everything_that_is_missing_is_told_at_once() {
        assertThat(problems(Map.of("RABBITMQ_ADDRESS", "amqp://rabbit", "API_TOKEN", "a")))
                .satisfiesExactlyInAnyOrder(
                        problem -> assertThat(problem)
                                .startsWith("POD_IP is not set")
                                .contains("own queue", "owner in its records", "status.podIP"),
                        problem -> assertThat(problem)
                                .startsWith("DATABASE_DSN is not set")
                                .contains("tcp(host:3306)"),
                        problem ->
                                assertThat(problem).startsWith("REDIS_ADDRESS").contains("host:port"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rabbit:5672", "http://u:tiger@rabbit", "amqp://u:ti ger@rabbit", "amqp:///vhost"})
    void what_is_no_broker_address_is_told_without_its_password(String address) {
        assertThat(problems(with("RABBITMQ_ADDRESS", address)))
                .singleElement()
                .asString()
                .startsWith("RABBITMQ_ADDRESS")
                .contains("amqp://user:password@host:5672/")
                .doesNotContain("tiger", "ti ger");
    }

    @Test
    void a_wildcard_cannot_be_told_to_asterisk() {
        assertThat(problems(with("AUDIOSOCKET_LISTEN_ADDRESS", ":9092")))
                .singleElement()
                .asString()
                .contains("AUDIOSOCKET_LISTEN_ADDRESS is 0.0.0.0:9092", "AUDIOSOCKET_ADVERTISED_ADDRESS is not set");
        assertThat(problems(with("AUDIOSOCKET_ADVERTISED_ADDRESS", "[::]:9092")))
                .singleElement()
                .asString()
                .contains("AUDIOSOCKET_ADVERTISED_ADDRESS is [::]:9092");
        assertThat(platform("AUDIOSOCKET_LISTEN_ADDRESS", ":9092", "AUDIOSOCKET_ADVERTISED_ADDRESS", "10.1.2.3:9092")
                        .audioSocketAdvertised())
                .isEqualTo(new HostPort("10.1.2.3", 9092));
    }

    @Test
    void a_name_that_several_daemons_may_share_is_warned_about() {
        assertThat(read("POD_IP", "pipecat-manager").warnings())
                .singleElement()
                .asString()
                .startsWith("POD_IP is 'pipecat-manager'")
                .contains("share one queue");
        assertThat(read("POD_IP", "fd00::1").warnings()).isEmpty();
        assertThat(problems(with("POD_IP", "10.1.2.3 10.1.2.4"))).anyMatch(problem -> problem.startsWith("POD_IP"));
    }

    @Test
    void a_control_api_that_others_reach_without_a_token_is_off_with_a_warning() {
        DaemonConfig open = read("API_TOKEN", "");
        assertThat(open.controlApi()).isFalse();
        assertThat(open.warnings()).singleElement().asString().contains("HTTP_LISTEN_ADDRESS", "API_TOKEN", "off");
        assertThat(read().controlApi()).isTrue();
        assertThat(read("API_TOKEN", "", "HTTP_LISTEN_ADDRESS", "127.0.0.1:8080")
                        .controlApi())
                .isTrue();
    }

    @Test
    void what_only_the_embedded_default_uses_is_named() {
        Map<String, String> set = new HashMap<>(WHOLE);
        set.put("AGENTS_FILE", "agents.yaml");
        set.put("REGISTRATION_TTL", "60s");
        set.put("LEG_TIMEOUT", "9s");
        assertThat(Settings.gather(Map.of(), set, null).withoutEffect())
                .containsExactly(Key.AGENTS_FILE, Key.REGISTRATION_TTL);
    }

    @Test
    void flags_of_the_go_service_are_known() {
        assertThat(List.of(
                        "rabbitmq_address",
                        "database_dsn",
                        "redis_address",
                        "redis_password",
                        "redis_database",
                        "prometheus_endpoint",
                        "prometheus_listen_address"))
                .allMatch(flag -> Key.of(flag).isPresent());
        assertThat(read("PROMETHEUS_LISTEN_ADDRESS", ":2112").prometheus()).isEqualTo(new HostPort("0.0.0.0", 2112));
    }

    private static DaemonConfig read(String... changes) {
        return ConfigReader.read(Settings.gather(Map.of(), with(changes), null));
    }

    private static PlatformConfig platform(String... changes) {
        Optional<PlatformConfig> platform = read(changes).onPlatform();
        assertThat(platform).isPresent();
        return platform.orElseThrow();
    }

    private static Map<String, String> with(String... changes) {
        Map<String, String> settings = new HashMap<>(WHOLE);
        for (int i = 0; i < changes.length; i += 2) {
            settings.put(changes[i], changes[i + 1]);
        }
        return Map.copyOf(settings);
    }

    private static List<String> problems(Map<String, String> environment) {
        return catchThrowableOfType(
                        ConfigurationException.class,
                        () -> ConfigReader.read(Settings.gather(Map.of(), environment, null)))
                .problems();
    }
}
