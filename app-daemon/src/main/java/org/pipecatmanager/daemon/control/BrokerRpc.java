package org.pipecatmanager.daemon.control;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.amqp.AmqpConfig;
import org.pipecatmanager.adapter.amqp.AmqpConnection;
import org.pipecatmanager.adapter.amqp.RpcAnswer;
import org.pipecatmanager.adapter.amqp.RpcCall;
import org.pipecatmanager.adapter.amqp.RpcClient;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.ConfigurationException;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.RpcMeter;
import tools.jackson.databind.json.JsonMapper;

/** One connection to the broker, for as long as a command takes. */
final class BrokerRpc implements Rpc {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Longer than the platform's services wait for each other: a person would rather have the answer. */
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final AmqpConnection connection;
    private final RpcClient client;

    private BrokerRpc(AmqpConnection connection, RpcClient client) {
        this.connection = connection;
        this.client = client;
    }

    /**
     * Connects.
     *
     * @throws ControlFailure the broker cannot be reached
     */
    static BrokerRpc connect(Secret address) throws ControlFailure, InterruptedException {
        AmqpConnection connection;
        try {
            connection = AmqpConnection.create(AmqpConfig.to(address, "pipecat-control"), RpcMeter.NONE);
        } catch (ConfigurationException e) {
            throw ControlFailure.unreached(String.join("; ", e.problems()), e);
        }
        RpcClient client = RpcClient.create(connection, 1);
        connection.start();
        if (!connection.awaitUp(CONNECT)) {
            String problem = connection.problem();
            connection.close();
            throw ControlFailure.unreached(
                    problem + "; is RABBITMQ_ADDRESS right? --server asks one daemon over HTTP", null);
        }
        return new BrokerRpc(connection, client);
    }

    @Override
    public Answer call(String queue, String method, String path, @Nullable Map<String, ?> body) throws ControlFailure {
        try {
            RpcAnswer answer = client.call(queue, new RpcCall(method, path, body, Map.of()), ANSWER);
            return new Answer(answer.statusCode(), JsonMapper.shared().valueToTree(answer.data()));
        } catch (ManagerException e) {
            throw ControlFailure.unreached(Objects.requireNonNullElse(e.getMessage(), "nobody answered"), e);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
