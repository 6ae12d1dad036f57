package org.pipecatmanager.daemon.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The product keeps the rules of the hexagon. */
class ArchitectureTest {

    private static final String ROOT = "org.pipecatmanager";

    private static final HexagonRules RULES = new HexagonRules(ROOT);

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages(ROOT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ports",
                "domain",
                "adapter.amqp",
                "adapter.mysql",
                "adapter.redis",
                "adapter.audiosocket",
                "adapter.pipecatws",
                "daemon"
            })
    void every_module_is_seen(String module) {
        assertThat(PRODUCT).anyMatch(type -> type.getPackageName().startsWith(ROOT + "." + module));
    }

    /** An importer too old for the class files reads nothing, and every rule would hold for that. */
    @Test
    void the_importer_reads_every_class_file() throws IOException {
        assertThat(PRODUCT).hasSizeGreaterThan(7).hasSize(classFilesIn("target/classes"));
    }

    @Test
    void ports_stand_alone() {
        RULES.portsStandAlone().check(PRODUCT);
    }

    @Test
    void the_domain_stands_on_ports() {
        RULES.domainStandsOnPorts().check(PRODUCT);
    }

    @Test
    void adapters_see_ports_only() {
        RULES.adaptersSeePortsOnly().check(PRODUCT);
    }

    @Test
    void adapters_are_strangers() {
        RULES.adaptersAreStrangers().check(PRODUCT);
    }

    @ParameterizedTest
    @MethodSource("adaptersWithDrivers")
    void a_driver_stays_in_its_adapter(String adapter) {
        RULES.driverStaysInItsAdapter(adapter).check(PRODUCT);
    }

    static Iterable<String> adaptersWithDrivers() {
        return HexagonRules.DRIVERS.keySet();
    }

    @Test
    void opentelemetry_stays_in_tracing() {
        RULES.openTelemetryStaysInTracing().check(PRODUCT);
    }

    @Test
    void the_domain_asks_ports_for_time_and_ids() {
        RULES.domainAsksPortsForTimeAndIds().check(PRODUCT);
    }

    @Test
    void guice_and_picocli_stay_in_the_daemon() {
        RULES.guiceAndPicocliStayInTheDaemon().check(PRODUCT);
    }

    @Test
    void the_process_belongs_to_the_daemon() {
        RULES.processBelongsToTheDaemon().check(PRODUCT);
    }

    @Test
    void tests_with_services_are_tagged() throws IOException {
        var tests = new ClassFileImporter().importPaths(moduleFolders("target/test-classes"));

        assertThat(tests).hasSizeGreaterThan(7);
        RULES.testsWithServicesAreTagged().check(tests.that(not(belongToTheViolators())));
    }

    @Test
    void packages_are_described_and_null_marked() {
        RULES.packagesAreDescribedAndNullMarked().check(PRODUCT);
    }

    private static DescribedPredicate<JavaClass> belongToTheViolators() {
        return JavaClass.Predicates.resideInAPackage(GuardsBiteTest.ROOT + "..");
    }

    private static int classFilesIn(String folder) throws IOException {
        int count = 0;
        for (Path classes : moduleFolders(folder)) {
            try (var files = Files.walk(classes)) {
                count += (int)
                        files.filter(file -> file.toString().endsWith(".class")).count();
            }
        }
        return count;
    }

    /** The folder of that name in each module that has it; tests run in the folder of their module. */
    private static List<Path> moduleFolders(String folder) throws IOException {
        try (var modules = Files.list(Path.of(".."))) {
            return modules.map(module -> module.resolve(folder))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }
}
