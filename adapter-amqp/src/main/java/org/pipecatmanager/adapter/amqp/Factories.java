package org.pipecatmanager.adapter.amqp;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.DefaultExceptionHandler;
import java.net.URISyntaxException;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver's settings, in one place. */
final class Factories {
    private static final Logger LOG = LoggerFactory.getLogger(AmqpConnection.class);
    /** The broker's own default limit. The driver closes the connection on more, and would be sent the same again. */
    private static final int MAX_BODY_BYTES = 128 * 1024 * 1024;

    private Factories() {}

    /** A factory whose connections neither recover by themselves nor keep threads after their end. */
    static ConnectionFactory of(AmqpConfig config) {
        var factory = new ConnectionFactory();
        int timeoutMillis = Math.toIntExact(config.connectTimeout().toMillis());
        try {
            if (config.tls()) {
                // Before the URL, which otherwise brings a context that trusts everybody.
                factory.useSslProtocol(SSLContext.getDefault());
                factory.enableHostnameVerification();
            }
            factory.setUri(config.uri().reveal());
        } catch (URISyntaxException | NoSuchAlgorithmException | KeyManagementException | RuntimeException e) {
            // The driver's message may quote the address.
            throw new ConfigurationException(
                    List.of("RABBITMQ_ADDRESS cannot be used (" + e.getClass().getSimpleName()
                            + "); use amqp://user:password@host:5672/vhost, with user and password URL-encoded"));
        }
        factory.setAutomaticRecoveryEnabled(false);
        factory.setTopologyRecoveryEnabled(false);
        factory.setRequestedHeartbeat(Math.toIntExact(config.heartbeat().toSeconds()));
        factory.setConnectionTimeout(timeoutMillis);
        factory.setHandshakeTimeout(timeoutMillis);
        factory.setChannelRpcTimeout(timeoutMillis);
        factory.setShutdownTimeout(timeoutMillis);
        factory.setMaxInboundMessageBodySize(MAX_BODY_BYTES);
        factory.setSharedExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("amqp-dispatch-", 0).factory()));
        factory.setExceptionHandler(new Quiet());
        return factory;
    }

    /** That a connection breaks is told by whoever owns it. */
    private static final class Quiet extends DefaultExceptionHandler {
        @Override
        public void handleUnexpectedConnectionDriverException(Connection connection, Throwable exception) {
            LOG.debug("the driver gave a connection up", exception);
        }

        @Override
        protected void log(String message, Throwable failure) {
            LOG.warn("{}", message, failure);
        }
    }
}
