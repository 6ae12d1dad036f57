package org.pipecatmanager.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * The daemon with the platform's adapters, between RabbitMQ, MariaDB and Redis as {@code dev/with-services.sh} names them in the
 * environment: calls are started over RabbitMQ, and Asterisk dials when call-manager is asked for the media.
 */
final class PlatformDaemon extends DaemonTarget {
    private static final String HOST = "127.0.0.2";

    private final Brokered platform;

    PlatformDaemon(Path folder) throws IOException {
        super(folder, settings());
        platform = new Brokered(needed("PIPECAT_AMQP_URL"), this::dial);
    }

    private static Map<String, String> settings() {
        return Map.of(
                "RABBITMQ_ADDRESS",
                needed("PIPECAT_AMQP_URL"),
                "DATABASE_DSN",
                needed("PIPECAT_MYSQL_URL"),
                "REDIS_ADDRESS",
                needed("PIPECAT_REDIS_URL").replaceFirst("^redis://", ""),
                "POD_IP",
                HOST,
                "AUDIOSOCKET_ALLOW",
                "127.0.0.0/8",
                // Asterisk dials what is advertised, which has to be an address others can reach.
                "AUDIOSOCKET_LISTEN_ADDRESS",
                HOST + ":0");
    }

    private static String needed(String name) {
        return Objects.requireNonNull(
                System.getenv(name),
                name + " is not set; start with make load, or dev/with-services.sh, or --embedded");
    }

    private void dial(UUID id, InetSocketAddress address) throws IOException {
        Call call = runners().call(id);
        if (call == null) {
            throw new IOException("call " + id + " is not one of this step");
        }
        runners().dialled(id, Caller.dial(call, address));
    }

    @Override
    public void connect(Generator generator, Call call, Speech.Voice voice) throws IOException {
        runners().expect(call, generator, voice);
        call.asked(System.nanoTime());
        platform.start(call.id(), status -> call.answered(status, System.nanoTime()));
    }

    /** Asks for the end of a call. */
    void stop(Call call) throws IOException {
        call.stopAsked(System.nanoTime());
        platform.stop(call.id(), status -> {});
    }

    /** The servers beside the daemon, by name. */
    static Map<String, ProcessFigures> servers() throws IOException {
        Map<String, ProcessFigures> servers = new LinkedHashMap<>();
        for (String name : new String[] {"mariadb", "rabbitmq", "redis"}) {
            servers.put(name, new ProcessFigures(pid(name)));
        }
        return servers;
    }

    private static long pid(String name) throws IOException {
        Path note = Path.of(needed("PIPECAT_SERVICES_DIR"), "run", name);
        return Long.parseLong(Files.readString(note).strip().split(" ", -1)[0]);
    }

    /** How the database was told to write to disk. */
    static String flushMode() throws IOException {
        String command = Files.readString(Path.of("/proc", Long.toString(pid("mariadb")), "cmdline"));
        return command.replaceFirst("(?s).*(innodb-flush-log-at-trx-commit=\\d).*", "$1");
    }

    @Override
    public void close() {
        super.close();
        platform.close();
    }
}
