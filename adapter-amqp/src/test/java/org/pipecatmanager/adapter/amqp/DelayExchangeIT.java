package org.pipecatmanager.adapter.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Against a broker without the plugin; an exchange that is there already is played by one of another kind. */
@Tag("it")
class DelayExchangeIT {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(DelayExchange.class);
    private final AmqpConnection connections = Broker.connection(Broker.uri());
    private final DelayExchange delay = new DelayExchange(connections);
    private Connection connection;

    @BeforeEach
    void open() throws Exception {
        connection = Broker.connect();
        try (var channel = connection.createChannel()) {
            channel.exchangeDelete("bin-manager.delay");
        }
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() throws Exception {
        logger.detachAppender(log);
        connection.close();
    }

    @Test
    void without_the_plugin_it_is_said_once_and_the_connection_lives() {
        delay.bind(connection, List.of("one"));
        delay.bind(connection, List.of("one"));
        assertThat(connection.isOpen()).isTrue();
        assertThat(warnings())
                .singleElement()
                .asString()
                .contains("503 COMMAND_INVALID - unknown exchange type 'x-delayed-message'")
                .contains("rabbitmq_delayed_message_exchange");
    }

    @Test
    void each_queue_is_bound_under_its_own_name() throws Exception {
        try (var channel = connection.createChannel()) {
            channel.exchangeDeclare("bin-manager.delay", "direct", false, true, null);
            var one = channel.queueDeclare().getQueue();
            var two = channel.queueDeclare().getQueue();
            delay.bind(connection, List.of(one, two));
            channel.confirmSelect();
            channel.basicPublish(
                    "bin-manager.delay", two, new BasicProperties(), "later".getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
            GetResponse arrived = channel.basicGet(two, true);
            assertThat(new String(arrived.getBody(), StandardCharsets.UTF_8)).isEqualTo("later");
            assertThat(channel.basicGet(one, true)).isNull();
        }
        assertThat(warnings()).isEmpty();
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
