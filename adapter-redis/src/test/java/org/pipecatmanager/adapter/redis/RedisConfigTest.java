package org.pipecatmanager.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;

class RedisConfigTest {
    private static final Secret NONE = Secret.of("");

    @ParameterizedTest
    @CsvSource({
        "redis, redis, 6379, false",
        "redis:6380, redis, 6380, false",
        "' 10.0.0.9:6380 ', 10.0.0.9, 6380, false",
        "[::1]:6380, ::1, 6380, false",
        "[fe80::1], fe80::1, 6379, false",
        "redis://redis.svc, redis.svc, 6379, false",
        "redis://redis.svc:6380/, redis.svc, 6380, false",
        "REDISS://redis.svc:6380, redis.svc, 6380, true",
        "rediss://user:pass@[::1]:6380/3, ::1, 6380, true"
    })
    void an_address_names_host_port_and_encryption(String address, String host, int port, boolean tls) {
        var config = RedisConfig.of(address, NONE, 0);

        assertThat(config.host()).isEqualTo(host);
        assertThat(config.port()).isEqualTo(port);
        assertThat(config.tls()).isEqualTo(tls);
    }

    @ParameterizedTest
    @CsvSource({
        "redis:6379, '', given",
        "redis://redis:6379, '', given",
        "redis://:in-url@redis:6379, '', in-url",
        "redis://in-url@redis:6379, '', in-url",
        "redis://me:in-url@redis:6379, me, in-url",
        "redis://me:@redis:6379, me, given",
        "redis://m%65:p%40ss+w:rd@redis:6379, me, p@ss+w:rd",
        "redis://me:a@b@redis:6379, me, a@b"
    })
    void the_login_of_the_url_counts_and_what_it_lacks_is_taken_from_beside_it(
            String address, String user, String password) {
        var config = RedisConfig.of(address, Secret.of("given"), 0);

        assertThat(config.user()).isEqualTo(user);
        assertThat(config.password()).isEqualTo(Secret.of(password));
    }

    @ParameterizedTest
    @CsvSource({"redis:6379, 1", "redis://redis:6379, 1", "redis://redis:6379/, 1", "redis://redis:6379/4, 4"})
    void the_database_of_the_url_counts(String address, int database) {
        assertThat(RedisConfig.of(address, NONE, 1).database()).isEqualTo(database);
    }

    @Test
    void a_prefix_is_empty_unless_given() {
        var config = RedisConfig.of("redis:6379", NONE, 0);

        assertThat(config.prefix()).isEmpty();
        assertThat(config.withPrefix("test:").prefix()).isEqualTo("test:");
        assertThat(config.withPrefix("test:").address()).isEqualTo("redis:6379");
        assertThat(RedisConfig.of("[::1]:1", NONE, 0).address()).isEqualTo("[::1]:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":6379",
                "redis:port",
                "redis:0",
                "redis:65536",
                "::1:6379",
                "redis://redis:6379/one",
                "redis://redis:6379/0/1",
                "http://redis:6379",
                "unix:///run/redis.sock",
                "redis:6379?db=1"
            })
    void an_address_that_cannot_be_read_is_refused(String address) {
        assertThatThrownBy(() -> RedisConfig.of(address, NONE, 0))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("use ");
    }

    @Test
    void a_negative_database_is_refused_with_its_key() {
        assertThatThrownBy(() -> RedisConfig.of("redis:6379", NONE, -1))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("REDIS_DATABASE is -1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://me:hunter2@redis:port",
                "http://me:hunter2@redis:6379",
                "redis://me:hunter2%@redis:6379",
                "redis://hunter2@redis:99999",
                "redis://me:hunter2/hunter2@redis:6379/x"
            })
    void a_password_is_in_no_message(String address) {
        assertThatThrownBy(() -> RedisConfig.of(address, NONE, 0))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void a_password_is_not_printed() {
        assertThat(RedisConfig.of("redis://me:hunter2@redis:6379", NONE, 0).toString())
                .contains("redis", "me")
                .doesNotContain("hunter2");
    }
}
