package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;

class AmqpConfigTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "rabbit:5672",
                "http://user:tiger@rabbit/",
                "amqp://user:ti ger@rabbit/",
                "amqp://user:tiger@/",
                "amqp://user:ti%ger@rabbit/",
                "amqp://user:tiger@rabbit/a/b"
            })
    void an_address_that_is_none_is_refused_by_the_name_of_its_setting_and_without_its_password(String address) {
        assertThatThrownBy(() -> AmqpConfig.to(Secret.of(address), "test"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("RABBITMQ_ADDRESS ")
                .hasMessageContaining("use amqp://")
                .hasMessageNotContaining("tiger")
                .hasMessageNotContaining("ti ger")
                .hasMessageNotContaining("ti%ger");
    }

    @Test
    void the_place_is_host_and_port_without_the_password() {
        assertThat(AmqpConfig.to(Secret.of("amqp://u:tiger@rabbit/%2f"), "test").place())
                .isEqualTo("rabbit:5672");
        assertThat(AmqpConfig.to(Secret.of("AMQPS://u:tiger@rabbit"), "test").place())
                .isEqualTo("rabbit:5671");
        assertThat(AmqpConfig.to(Secret.of("amqp://u:tiger@10.0.0.7:7/x"), "test"))
                .asString()
                .doesNotContain("tiger");
    }
}
