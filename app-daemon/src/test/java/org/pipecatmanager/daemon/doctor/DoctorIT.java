package org.pipecatmanager.daemon.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pipecatmanager.adapter.amqp.RpcServerConfig;
import org.pipecatmanager.adapter.mysql.Database;
import org.pipecatmanager.adapter.mysql.DatabaseAddress;
import org.pipecatmanager.adapter.redis.RedisConfig;
import org.pipecatmanager.adapter.redis.RedisConnection;
import org.pipecatmanager.adapter.redis.RedisHostLeases;
import org.pipecatmanager.daemon.doctor.Finding.Level;
import org.pipecatmanager.ports.memory.SystemTime;
import org.pipecatmanager.ports.model.HostInstance;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.CacheMeter;

/** A platform's set-up over real services, whole, and broken in one place at a time. */
@Tag("it")
@Timeout(120)
class DoctorIT {
    private static final String PASSWORD = "never-shown-9f2";

    private final Map<String, String> settings = new HashMap<>();
    private final FakeRunner runner;

    @TempDir
    private Path dir = Path.of(".");

    DoctorIT() throws IOException {
        runner = new FakeRunner(FakeRunner.providers(""));
    }

    @BeforeEach
    void whole() throws Exception {
        // Not loopback where this machine has another address, which is as a platform has it.
        String address = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(each -> each.getAddress().length == 4 && !each.isLoopbackAddress())
                .findFirst()
                .map(InetAddress::getHostAddress)
                .orElse("127.0.0.1");
        settings.putAll(Map.of(
                "RABBITMQ_ADDRESS", service("PIPECAT_AMQP_URL"),
                "DATABASE_DSN", service("PIPECAT_MYSQL_URL"),
                "REDIS_ADDRESS", service("PIPECAT_REDIS_URL"),
                "POD_IP", address,
                "API_TOKEN", PASSWORD,
                "RUNNER_URL", runner.url(),
                "RUNNER_TOKEN", FakeRunner.TOKEN,
                "DATA_DIR", dir.toString(),
                "AUDIOSOCKET_ALLOW", "10.0.0.0/8"));
        settings.putAll(Map.of(
                "HTTP_LISTEN_ADDRESS", address + ":0",
                "AUDIOSOCKET_LISTEN_ADDRESS", address + ":0",
                "PROMETHEUS_LISTEN_ADDRESS", address + ":0"));
        try (Database database = Database.open(DatabaseAddress.parse(service("PIPECAT_MYSQL_URL")))) {
            database.migrate();
        }
    }

    @AfterEach
    void close() throws SQLException {
        runner.close();
        sql("DROP TABLE IF EXISTS pipecat_pipecatcalls, pipecat_messages, pipecat_turns, pipecat_outbox,"
                + " pipecat_call_reports, pipecat_manager_schema_history");
    }

    @Test
    void a_whole_set_up_has_no_problem_and_shows_no_secret() throws Exception {
        Diagnosis diagnosis = examine();
        assertThat(problems(diagnosis)).isEmpty();
        assertThat(diagnosis.findings())
                .extracting(Finding::area)
                .contains("rabbitmq", "database", "redis", "runner", "providers", "host id", "listeners", "data dir");
        assertThat(diagnosis.text()).doesNotContain(PASSWORD, FakeRunner.TOKEN, "password=", "guest:guest");
    }

    @Test
    void a_whole_set_up_is_as_it_was_after_the_look() throws Exception {
        sql("DROP TABLE pipecat_messages, pipecat_turns, pipecat_manager_schema_history");
        examine();
        assertThat(rows("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
                        + " AND table_name IN ('pipecat_messages', 'pipecat_turns', 'pipecat_manager_schema_history')"))
                .isZero();
        assertThat(dir).isEmptyDirectory();
        try (var connection = broker()) {
            var channel = connection.createChannel();
            assertThatThrownBy(() -> channel.queueDeclarePassive(RpcServerConfig.queueOf(host())))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void a_wrong_password_of_the_database() throws Exception {
        settings.put(
                "DATABASE_DSN", service("PIPECAT_MYSQL_URL").replaceFirst("password=[^&]*", "password=" + PASSWORD));
        assertOnlyProblem("database", "does not let us in", "DATABASE_DSN");
    }

    @Test
    void a_wrong_password_of_the_broker() throws Exception {
        settings.put(
                "RABBITMQ_ADDRESS", service("PIPECAT_AMQP_URL").replaceFirst("//[^@]*@", "//guest:" + PASSWORD + "@"));
        assertOnlyProblem("rabbitmq", "does not let us in", "RABBITMQ_ADDRESS");
    }

    @Test
    void a_virtual_host_that_is_not_there() throws Exception {
        settings.put("RABBITMQ_ADDRESS", service("PIPECAT_AMQP_URL").replaceFirst("/[^/]*$", "/nowhere"));
        assertOnlyProblem("rabbitmq", "does not let us in", "virtual host");
    }

    @Test
    void a_wrong_port_of_the_broker() throws Exception {
        settings.put("RABBITMQ_ADDRESS", service("PIPECAT_AMQP_URL").replaceFirst(":\\d+/", ":" + freePort() + "/"));
        assertOnlyProblem("rabbitmq", "nobody speaks AMQP", "host and port");
    }

    @Test
    void a_queue_that_was_declared_with_other_flags() throws Exception {
        String queue = RpcServerConfig.queueOf(host());
        try (var connection = broker();
                var channel = connection.createChannel()) {
            channel.queueDeclare(queue, true, false, false, Map.of());
            try {
                Diagnosis diagnosis = assertOnlyProblem("rabbitmq", queue + " is there with other flags", "delete it");
                assertThat(problems(diagnosis).getFirst().value()).contains("PRECONDITION_FAILED");
            } finally {
                channel.queueDelete(queue);
            }
        }
    }

    @Test
    void tables_of_an_older_version() throws Exception {
        sql("DELETE FROM pipecat_manager_schema_history WHERE version >= '4'");
        Diagnosis diagnosis = examine();
        assertThat(problems(diagnosis)).isEmpty();
        assertThat(diagnosis.findings())
                .filteredOn(finding ->
                        finding.level() == Level.WARNING && finding.area().equals("database"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.what()).contains("older than this version: they are at V3");
                    assertThat(finding.value()).contains("V4 runner figures");
                });
    }

    @Test
    void tables_that_lost_a_column() throws Exception {
        sql("ALTER TABLE pipecat_turns DROP COLUMN stt_ms");
        Diagnosis diagnosis = assertOnlyProblem("database", "columns are missing", "restore");
        assertThat(problems(diagnosis).getFirst().value()).isEqualTo("pipecat_turns.stt_ms");
    }

    @Test
    void a_data_folder_that_cannot_be_written() throws Exception {
        // Nobody can write there, not even root: it is full, or read-only, or not ours.
        settings.put("DATA_DIR", "/proc/pipecat");
        assertOnlyProblem("data dir", "", "DATA_DIR");
    }

    @Test
    void a_redis_whose_clock_is_wrong() throws Exception {
        try (FakeRedis redis = new FakeRedis(Duration.ofMinutes(-5))) {
            settings.put("REDIS_ADDRESS", redis.address());
            Diagnosis diagnosis = assertOnlyProblem("redis", "its clock is behind this machine's", "NTP");
            assertThat(problems(diagnosis).getFirst().value())
                    .startsWith("-300.")
                    .endsWith(" s");
        }
    }

    @Test
    void a_port_that_another_program_has() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName(host()))) {
            settings.put("AUDIOSOCKET_LISTEN_ADDRESS", host() + ":" + taken.getLocalPort());
            Diagnosis diagnosis = assertOnlyProblem("listeners", "taken by another program", "end that program");
            assertThat(problems(diagnosis).getFirst().value())
                    .contains("process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void a_host_id_that_another_daemon_has_too() throws Exception {
        HostInstance other = new HostInstance(host(), UUID.randomUUID().toString());
        try (SystemTime time = new SystemTime();
                RedisConnection redis = new RedisConnection(
                        RedisConfig.of(service("PIPECAT_REDIS_URL"), Secret.of(""), 1), time, CacheMeter.NONE)) {
            RedisHostLeases leases = new RedisHostLeases(redis);
            leases.renew(other, Duration.ofMinutes(1));
            try {
                assertOnlyProblem("host id", "a daemon runs elsewhere as POD_IP=", "as POD_IP");
            } finally {
                leases.release(other);
            }
        }
    }

    @Test
    void a_runner_that_is_away() throws Exception {
        runner.close();
        assertOnlyProblem("runner", "no runner answers", "RUNNER_URL");
    }

    @Test
    void a_runner_that_wants_another_token() throws Exception {
        settings.put("RUNNER_TOKEN", PASSWORD);
        assertOnlyProblem("runner", "refuses our token", "RUNNER_TOKEN");
    }

    @Test
    void a_key_that_is_missing() throws Exception {
        try (FakeRunner keyless = new FakeRunner(FakeRunner.providers("OPENAI_API_KEY"))) {
            Map.of("RABBITMQ_ADDRESS", "", "DATABASE_DSN", "", "REDIS_ADDRESS", "", "RUNNER_URL", keyless.url())
                    .forEach(settings::put);
            Path agents = Files.writeString(
                    dir.resolve("agents.yaml"),
                    "agents: {reception: {bot: assistant, prompt: hello, llm: {type: openai}, stt: {type: whisper}, tts: {type: piper}}}");
            settings.put("AGENTS_FILE", agents.toString());
            assertOnlyProblem("providers", "agents.reception.llm: openai lacks [OPENAI_API_KEY]", "set the variable");
        }
    }

    @Test
    void settings_that_cannot_be_read() throws Exception {
        settings.put("MAX_SESSIONS", "many");
        assertOnlyProblem("settings", "MAX_SESSIONS is 'many'", "whole number");
    }

    private Diagnosis assertOnlyProblem(String area, String what, String remedy) throws InterruptedException {
        Diagnosis diagnosis = examine();
        assertThat(problems(diagnosis)).as(diagnosis::text).singleElement().satisfies(problem -> {
            assertThat(problem.area()).isEqualTo(area);
            assertThat(problem.what()).contains(what);
            assertThat(problem.remedy()).contains(remedy);
        });
        assertThat(diagnosis.text()).doesNotContain(PASSWORD);
        return diagnosis;
    }

    private Diagnosis examine() throws InterruptedException {
        return Doctor.examine(settings, null, Path.of(".."));
    }

    private String host() {
        return settings.getOrDefault("POD_IP", "");
    }

    private static List<Finding> problems(Diagnosis diagnosis) {
        return diagnosis.findings().stream()
                .filter(finding -> finding.level() == Level.PROBLEM)
                .toList();
    }

    private static com.rabbitmq.client.Connection broker() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(service("PIPECAT_AMQP_URL"));
        return factory.newConnection();
    }

    private static void sql(String statement) throws SQLException {
        try (Connection connection = DriverManager.getConnection(service("PIPECAT_MYSQL_URL"));
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private static long rows(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(service("PIPECAT_MYSQL_URL"));
                Statement sql = connection.createStatement();
                var result = sql.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String service(String variable) {
        String address = System.getenv(variable);
        assertThat(address)
                .as(variable + "; start the services with dev/services start build/services, or run make test")
                .isNotNull();
        return address;
    }
}
