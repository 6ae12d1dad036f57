package org.pipecatmanager.daemon.architecture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule fails on a class written to break it, and says which class and what it did. */
class GuardsBiteTest {

    static final String ROOT = "org.pipecatmanager.daemon.architecture.violators";

    private static final HexagonRules RULES = new HexagonRules(ROOT);

    private static final JavaClasses VIOLATORS = new ClassFileImporter().importPackages(ROOT);

    @Test
    void a_port_that_knows_the_domain_is_caught() {
        assertBites(RULES.portsStandAlone(), "PortThatKnowsTheDomain", "domain.Decision");
    }

    @Test
    void a_decision_that_logs_is_caught() {
        assertBites(RULES.domainStandsOnPorts(), "DecisionThatLogs", "org.slf4j.Logger");
    }

    @Test
    void an_adapter_that_knows_the_domain_is_caught() {
        assertBites(RULES.adaptersSeePortsOnly(), "AdapterThatKnowsTheDomain", "domain.Decision");
    }

    @Test
    void an_adapter_that_knows_another_is_caught() {
        assertBites(RULES.adaptersAreStrangers(), "AdapterThatKnowsAnother", "adapter.redis.Neighbour");
    }

    @Test
    void a_driver_outside_of_its_adapter_is_caught() {
        assertBites(
                RULES.driverStaysInItsAdapter("pipecatws"),
                "AdapterWithAForeignDriver",
                "org.java_websocket.WebSocket",
                "com.google.protobuf.ByteString");
    }

    @Test
    void opentelemetry_outside_of_tracing_is_caught() {
        assertBites(
                RULES.openTelemetryStaysInTracing(), "AdapterWithAForeignDriver", "io.opentelemetry.api.trace.Tracer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.time.Instant.now()",
                "java.lang.System.nanoTime()",
                "java.lang.System.currentTimeMillis()",
                "java.lang.Thread.sleep(long)",
                "java.util.UUID.randomUUID()",
                "java.time.Clock.systemUTC()",
                "java.util.concurrent.locks.LockSupport.parkNanos(long)"
            })
    void a_decision_that_reads_the_clock_or_draws_an_id_is_caught(String call) {
        assertBites(RULES.domainAsksPortsForTimeAndIds(), "DecisionThatReadsTheClock", call);
    }

    @Test
    void guice_and_picocli_in_a_library_are_caught() {
        assertBites(
                RULES.guiceAndPicocliStayInTheDaemon(),
                "AdapterThatWiresItself",
                "com.google.inject.Inject",
                "picocli.CommandLine$Command");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "java.lang.System.exit(int)",
                "java.lang.System.getenv(java.lang.String)",
                "java.lang.Runtime.halt(int)",
                "java.lang.Runtime.addShutdownHook(java.lang.Thread)"
            })
    void a_library_that_takes_the_process_is_caught(String call) {
        assertBites(RULES.processBelongsToTheDaemon(), "AdapterThatTakesTheProcess", call);
    }

    @Test
    void an_untagged_service_test_is_caught() {
        assertBites(RULES.testsWithServicesAreTagged(), "UntaggedIT");
    }

    @Test
    void a_package_without_description_is_caught() {
        assertBites(RULES.packagesAreDescribedAndNullMarked(), ROOT + ".ports has no @NullMarked package-info");
    }

    private static void assertBites(ArchRule rule, String... named) {
        assertThatThrownBy(() -> rule.check(VIOLATORS))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("because")
                .hasMessageContainingAll(named);
    }
}
