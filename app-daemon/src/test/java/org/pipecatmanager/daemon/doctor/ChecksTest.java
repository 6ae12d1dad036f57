package org.pipecatmanager.daemon.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pipecatmanager.adapter.amqp.BrokerInspection;
import org.pipecatmanager.adapter.amqp.BrokerInspection.Part;
import org.pipecatmanager.adapter.amqp.BrokerInspection.State;
import org.pipecatmanager.adapter.mysql.DatabaseInspection;
import org.pipecatmanager.adapter.mysql.SchemaState;
import org.pipecatmanager.adapter.redis.RedisInspection;
import org.pipecatmanager.daemon.doctor.Finding.Level;
import org.pipecatmanager.ports.model.HostInstance;

/** What is judged from what was seen. */
class ChecksTest {
    private static final String OWN_QUEUE = "bin-manager.pipecat-manager.request.10.0.0.9";
    private static final DatabaseInspection NO_DATABASE =
            new DatabaseInspection("db", DatabaseInspection.Access.UNREACHABLE, "refused", "", "", null, null);

    @ParameterizedTest
    @CsvSource({
        "10.11.19-MariaDB-0+deb12u1, 10.11, true",
        "10.6.18-MariaDB, 10.11, false",
        "11.4.2-MariaDB, 10.11, true",
        "8.0.36, 8.0, true",
        "5.7.44, 8.0, false",
        "3.9.29, 3.10, false",
        "4.0.0, 3.10, true",
        "7, 7.0, true",
        "unknown, 7.0, true"
    })
    void versions_are_compared_by_their_numbers(String version, String least, boolean enough) {
        assertThat(Versions.isAtLeast(version, least)).isEqualTo(enough);
    }

    @ParameterizedTest
    @CsvSource({"PT0.4S, OK", "PT-2S, OK", "PT2.1S, WARNING", "PT-30S, WARNING", "PT31S, PROBLEM", "PT-1H, PROBLEM"})
    void clocks_are_judged_in_either_direction(Duration ahead, Level level) {
        assertThat(ClockCheck.of("redis", Optional.of(ahead)))
                .singleElement()
                .extracting(Finding::level)
                .isEqualTo(level);
    }

    @Test
    void a_clock_that_is_not_told_is_not_judged() {
        assertThat(ClockCheck.of("redis", Optional.empty())).isEmpty();
    }

    @Test
    void a_disk_is_full_before_the_last_byte() {
        Path folder = Path.of("/var/lib/pipecat");
        assertThat(MachineCheck.space(folder, 0).level()).isEqualTo(Level.PROBLEM);
        assertThat(MachineCheck.space(folder, MachineCheck.NEEDED_BYTES - 1).level())
                .isEqualTo(Level.PROBLEM);
        assertThat(MachineCheck.space(folder, MachineCheck.NEEDED_BYTES).level())
                .isEqualTo(Level.WARNING);
        assertThat(MachineCheck.space(folder, MachineCheck.COMFORTABLE_BYTES).level())
                .isEqualTo(Level.OK);
    }

    @Test
    void open_files_are_held_against_the_calls_there_may_be() {
        assertThat(MachineCheck.descriptors(1024, 400)).singleElement().satisfies(finding -> {
            assertThat(finding.level()).isEqualTo(Level.PROBLEM);
            assertThat(finding.remedy()).contains("LimitNOFILE");
        });
        assertThat(MachineCheck.descriptors(1456, 400))
                .singleElement()
                .extracting(Finding::level)
                .isEqualTo(Level.OK);
        assertThat(MachineCheck.descriptors(-1, 400)).isEmpty();
    }

    @Test
    void an_old_java_is_a_problem() {
        assertThat(MachineCheck.java(Runtime.Version.parse("21.0.4")).level()).isEqualTo(Level.PROBLEM);
        assertThat(MachineCheck.java(Runtime.Version.parse("25")).level()).isEqualTo(Level.OK);
    }

    @Test
    void a_queue_that_this_user_may_not_declare_names_the_rights() {
        BrokerInspection broker = broker(
                new Part("queue", OWN_QUEUE, State.FORBIDDEN, 0, 0, "403 ACCESS_REFUSED"),
                new Part("exchange", "bin-manager.delay", State.MISSING, 0, 0, "404"));
        assertThat(BrokerCheck.of(broker))
                .extracting(Finding::level)
                .containsExactly(Level.OK, Level.PROBLEM, Level.WARNING);
        assertThat(BrokerCheck.of(broker).get(1).remedy()).contains("configure, write and read");
    }

    @Test
    void an_old_schema_that_this_user_may_not_change_is_a_problem() {
        SchemaState old = new SchemaState("V3", List.of("V4 x"), List.of(), List.of(), List.of(), false, List.of());
        DatabaseInspection database = new DatabaseInspection(
                "db", DatabaseInspection.Access.OPEN, "", "MariaDB", "10.11.6-MariaDB", Duration.ZERO, old);
        assertThat(DatabaseCheck.ofServer(database))
                .filteredOn(finding -> finding.level() == Level.PROBLEM)
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("GRANT CREATE, ALTER"));
    }

    @Test
    void a_replica_takes_no_leases() {
        RedisInspection redis =
                new RedisInspection("r:1", RedisInspection.Access.OPEN, "", "7.0.1", true, Duration.ZERO, List.of());
        assertThat(CacheCheck.of(redis))
                .anySatisfy(finding -> assertThat(finding.what()).contains("replica"));
    }

    @Test
    void one_daemon_here_is_no_sharing_and_a_second_consumer_is() {
        assertThat(sharing(true, 1, 1)).isEqualTo(Level.OK);
        assertThat(sharing(true, 2, 1)).isEqualTo(Level.PROBLEM);
        assertThat(sharing(false, 0, 0)).isEqualTo(Level.OK);
        assertThat(sharing(false, 0, 1)).isEqualTo(Level.PROBLEM);
        assertThat(sharing(false, 1, 0)).isEqualTo(Level.PROBLEM);
    }

    @Test
    void the_way_out_of_a_complaint_is_its_remedy() {
        Finding finding = Finding.complaint(Level.PROBLEM, "settings", "A is b; c, d; set it to e");
        assertThat(finding.what()).isEqualTo("A is b; c, d");
        assertThat(finding.remedy()).isEqualTo("set it to e");
    }

    @Test
    void a_diagnosis_is_counted_and_told_to_people_and_programs() {
        Diagnosis diagnosis = new Diagnosis(
                List.of(Finding.ok("a", "well", ""), Finding.problem("b", "bad\u001b[2J", "value", "mend it")));
        assertThat(diagnosis.text())
                .contains("ok        a          well", "-> mend it", "1 problem, 0 warnings")
                .doesNotContain("\u001b");
        assertThat(diagnosis.toMap())
                .containsEntry("problems", 1L)
                .extractingByKey("result")
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .element(1)
                .isEqualTo(Map.of(
                        "level",
                        "problem",
                        "area",
                        "b",
                        "what",
                        "bad\u001b[2J",
                        "value",
                        "value",
                        "remedy",
                        "mend it"));
    }

    private static Level sharing(boolean running, long consumers, int leases) {
        RedisInspection redis = new RedisInspection(
                "r:1",
                RedisInspection.Access.OPEN,
                "",
                "7.0.1",
                false,
                Duration.ZERO,
                leases == 0 ? List.of() : List.of(new HostInstance("10.0.0.9", "x")));
        return HostIdCheck.sharing(
                        "10.0.0.9",
                        running,
                        broker(new Part("queue", OWN_QUEUE, State.FITS, consumers, 0, "")),
                        NO_DATABASE,
                        redis)
                .getFirst()
                .level();
    }

    private static BrokerInspection broker(Part... parts) {
        return new BrokerInspection("b:5672", BrokerInspection.Access.OPEN, "", "RabbitMQ", "3.13.1", List.of(parts));
    }
}
