package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
    @Test
    void what_ports_and_domain_say_goes_where_everything_else_goes() {
        String name = "org.pipecatmanager.domain.engine";
        assertThat(System.getLogger(name).getClass().getName()).startsWith("org.slf4j.");
        assertThat(System.getLogger(name).isLoggable(System.Logger.Level.WARNING))
                .isEqualTo(LoggerFactory.getLogger(name).isWarnEnabled())
                .isTrue();
    }
}
