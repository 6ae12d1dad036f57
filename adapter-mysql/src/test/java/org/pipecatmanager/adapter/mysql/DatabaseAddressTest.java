package org.pipecatmanager.adapter.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.out.ConfigurationException;

final class DatabaseAddressTest {
    @Test
    void the_form_of_go_services_is_understood() {
        var address = DatabaseAddress.parse("bin-manager:secret@tcp(10.3.0.5:3307)/bin_manager?parseTime=true&loc=UTC");
        assertThat(address.url())
                .isEqualTo("jdbc:mariadb://10.3.0.5:3307/bin_manager?sslMode=disable&allowPublicKeyRetrieval=true");
        assertThat(address.user()).isEqualTo("bin-manager");
        assertThat(address.password().reveal()).isEqualTo("secret");
        assertThat(address.warnings()).isEmpty();
        assertThat(address.dialect()).isEqualTo(Dialect.MYSQL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "p@ss:w@rd/?&#%",
                "@tcp(evil:1)/x",
                "'  '",
                ":",
                "unix(/x)",
            })
    void a_password_may_hold_anything(String password) {
        var address = DatabaseAddress.parse("u:" + password + "@tcp(db:3306)/pipecat");
        assertThat(address.user()).isEqualTo("u");
        assertThat(address.password().reveal()).isEqualTo(password);
        assertThat(address.url()).startsWith("jdbc:mariadb://db:3306/pipecat?");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp(db:3306)/p, jdbc:mariadb://db:3306/p, ''",
        "u@tcp(db)/p, jdbc:mariadb://db:3306/p, u",
        "u@tcp([::1]:3306)/p, jdbc:mariadb://[::1]:3306/p, u",
    })
    void port_password_and_user_may_be_missing(String dsn, String url, String user) {
        var address = DatabaseAddress.parse(dsn);
        assertThat(address.url()).startsWith(url + "?");
        assertThat(address.user()).isEqualTo(user);
        assertThat(address.password().isEmpty()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'', sslMode=disable",
        "tls=false, sslMode=disable",
        "tls=true, sslMode=verify-full",
        "tls=skip-verify, sslMode=trust",
        "tls=preferred, sslMode=trust",
        "timeout=5s, connectTimeout=5000",
        "timeout=1.5s, connectTimeout=1500",
        "readTimeout=250ms, socketTimeout=250",
        "readTimeout=2m, socketTimeout=120000",
    })
    void parameters_are_mapped(String query, String expected) {
        var address = DatabaseAddress.parse("u:p@tcp(db:3306)/pipecat?" + query);
        assertThat(address.url().substring(address.url().indexOf('?') + 1).split("&"))
                .contains(expected);
    }

    @Test
    void parameters_that_mean_nothing_are_named_once_unless_they_are_the_go_drivers_own() {
        var address = DatabaseAddress.parse(
                "u:p@tcp(db:3306)/pipecat?charset=utf8mb4&collation=x&sql_mode=ANSI&time_zone=x&writeTimeout=1s");
        assertThat(address.warnings())
                .containsExactly(
                        "DATABASE_DSN has parameters that mean nothing here and are ignored: sql_mode, time_zone");
        assertThat(address.url()).doesNotContain("sql_mode");
        assertThat(DatabaseAddress.parse("u:p@tcp(db:3306)/x?tls=preferred").warnings())
                .singleElement()
                .asString()
                .contains("tls=skip-verify");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:mariadb://db:3306/p?user=u&password=a%26b%2Bc, jdbc:mariadb://db:3306/p?sslMode=disable, a&b+c",
        "jdbc:mysql://db/p?user=u&password=x&useSSL=true, jdbc:mariadb://db/p?sslMode=verify-full, x",
        "jdbc:mysql://db/p?password=x&user=u&sslMode=REQUIRED, jdbc:mariadb://db/p?sslMode=trust, x",
        "jdbc:mariadb://db/p?user=u&sslMode=verify-ca&serverSslCert=/a, jdbc:mariadb://db/p?serverSslCert=/a&sslMode=verify-ca, ''",
    })
    void jdbc_urls_are_run_by_one_driver(String url, String expected, String password) {
        var address = DatabaseAddress.parse(url);
        assertThat(address.url()).startsWith(expected);
        assertThat(address.user()).isEqualTo("u");
        assertThat(address.password().reveal()).isEqualTo(password);
    }

    @Test
    void an_h2_url_is_given_what_our_statements_need() {
        var address = DatabaseAddress.parse("jdbc:h2:file:/data/x;user=me;PASSWORD=secret;LOCK_TIMEOUT=9");
        assertThat(address.url())
                .startsWith("jdbc:h2:file:/data/x;LOCK_TIMEOUT=9;")
                .contains(";MODE=MySQL")
                .doesNotContain("secret");
        assertThat(address.user()).isEqualTo("me");
        assertThat(address.dialect()).isEqualTo(Dialect.H2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "u:topsecret@unix(/run/mysqld.sock)/pipecat",
                "u:topsecret@tcp(db:3306)",
                "u:topsecret@tcp(db:3306)/",
                "u:topsecret@tcp(db:3306/pipecat",
                "u:topsecret@tcp(db:port)/pipecat",
                "u:topsecret@tcp()/pipecat",
                "u:topsecret@/pipecat",
                "u:topsecret@tcp(db:3306)/pipecat?tls=my-config",
                "u:topsecret@tcp(db:3306)/pipecat?timeout=soon",
                "mysql://u:topsecret@db/pipecat",
                "jdbc:postgresql://u:topsecret@db/pipecat",
                "jdbc:mariadb://u:topsecret@db/pipecat",
                "jdbc:mariadb://db?password=topsecret",
            })
    void what_cannot_be_used_is_refused_with_the_way_out_and_without_the_password(String dsn) {
        assertThatThrownBy(() -> DatabaseAddress.parse(dsn))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("DATABASE_DSN ")
                .hasMessageContaining("tcp(host:3306)/database")
                .hasMessageNotContaining("topsecret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "u:topsecret@tcp(db:3306)/pipecat",
                "jdbc:mysql://db/p?user=u&password=topsecret",
                "jdbc:h2:mem:x;USER=u;PASSWORD=topsecret"
            })
    void an_address_in_a_log_has_no_password(String dsn) {
        assertThat(DatabaseAddress.parse(dsn).toString())
                .doesNotContain("topsecret")
                .endsWith(" as u");
    }
}
