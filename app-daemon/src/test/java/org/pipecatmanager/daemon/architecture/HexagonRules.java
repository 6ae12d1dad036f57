package org.pipecatmanager.daemon.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Tags;

/**
 * Which way the arrows point, stated for the packages below one root.
 *
 * @param root the package that holds {@code ports}, {@code domain}, {@code adapter} and {@code daemon}
 */
record HexagonRules(String root) {

    /** Annotations that have no runtime: they may stand anywhere. */
    private static final String[] ANNOTATIONS = {"org.jspecify.annotations..", "com.google.errorprone.annotations.."};

    /** The packages of each driver, and the one adapter that may know them. */
    static final Map<String, String[]> DRIVERS = Map.of(
            "amqp", new String[] {"com.rabbitmq.."},
            "mysql",
                    new String[] {
                        "org.jdbi..",
                        "com.zaxxer.hikari..",
                        "org.flywaydb..",
                        "org.mariadb..",
                        "com.mysql..",
                        "org.h2.."
                    },
            "redis", new String[] {"redis.clients.."},
            "pipecatws", new String[] {"org.java_websocket..", "com.google.protobuf..", "org.eclipse.jetty.."});

    /** Ports know the JDK and themselves. */
    ArchRule portsStandAlone() {
        return classes()
                .that()
                .resideInAPackage(root + ".ports..")
                .should()
                .onlyDependOnClassesThat(jdkOr(root + ".ports.."))
                .because("the ports are the language of the hexagon: an embedder gets them without a single jar more");
    }

    /** The domain knows the JDK, the ports and itself. */
    ArchRule domainStandsOnPorts() {
        return classes()
                .that()
                .resideInAPackage(root + ".domain..")
                .should()
                .onlyDependOnClassesThat(jdkOr(root + ".ports..", root + ".domain.."))
                .because("what decides about calls runs in any process, with any driver and without a JSON library");
    }

    /** Adapters meet the rest in the ports. */
    ArchRule adaptersSeePortsOnly() {
        return noClasses()
                .that()
                .resideInAPackage(root + ".adapter..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(root + ".domain..", root + ".daemon..")
                .because("an adapter meets the rest of the product in the ports, so that each can be replaced alone");
    }

    /** Adapters do not know each other. */
    ArchRule adaptersAreStrangers() {
        return slices().matching(root + ".adapter.(*)..")
                .should()
                .notDependOnEachOther()
                .because("a JVM team picks the adapters it needs and gets no other");
    }

    /**
     * A driver stays in its adapter.
     *
     * @param adapter a key of {@link #DRIVERS}
     */
    ArchRule driverStaysInItsAdapter(String adapter) {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackage(root + ".adapter." + adapter + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(DRIVERS.get(adapter))
                .because("a driver that is known in one place can be changed in one place");
    }

    /** Nobody else may cause a class of it to be loaded. */
    ArchRule openTelemetryStaysInTracing() {
        return noClasses()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .resideOutsideOfPackage(root + ".daemon.tracing..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .because("a daemon that sends no spans loads no class of OpenTelemetry");
    }

    /** The domain asks its ports for time and ids. */
    ArchRule domainAsksPortsForTimeAndIds() {
        return noClasses()
                .that()
                .resideInAPackage(root + ".domain..")
                .should()
                .accessTargetWhere(timeOrChance())
                .because("time and ids come through ports: every decision is repeatable on a virtual clock");
    }

    /** Wiring and the command line stay in the daemon. */
    ArchRule guiceAndPicocliStayInTheDaemon() {
        return noClasses()
                .that(areLibraryCode())
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.google.inject..", "jakarta.inject..", "picocli..")
                .because("an embedder brings his own wiring: constructors suffice");
    }

    /** The environment and the end of the process belong to the daemon. */
    ArchRule processBelongsToTheDaemon() {
        return noClasses()
                .that(areLibraryCode())
                .should()
                .accessTargetWhere(processControl())
                .because("a library neither reads its host's environment nor ends its host");
    }

    /** Every package written by hand says what it is, and that null is not a value in it. */
    ArchRule packagesAreDescribedAndNullMarked() {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .and(not(liveBesideGeneratedCode()))
                .should(liveInANullMarkedPackage())
                .because("a package-info tells the reader the threads and the checker the nulls");
    }

    /** A test that needs another process says so, and runs after package. */
    ArchRule testsWithServicesAreTagged() {
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .and()
                .haveSimpleNameEndingWith("IT")
                .should(carryOneOfTheTags("it", "e2e"))
                .allowEmptyShould(true)
                .because("without the tag it runs where its server is not");
    }

    private DescribedPredicate<JavaClass> areLibraryCode() {
        return resideInAPackage(root + "..")
                .and(not(resideInAPackage(root + ".daemon..")))
                .as("are outside of the daemon");
    }

    private static DescribedPredicate<JavaClass> jdkOr(String... packages) {
        return resideInAnyPackage(packages)
                .or(resideInAnyPackage(ANNOTATIONS))
                .or(resideInAnyPackage("java..", "javax..", ""))
                .as("belong to the JDK or to %s", String.join(" or ", packages));
    }

    private static DescribedPredicate<JavaAccess<?>> timeOrChance() {
        return access("read a clock, sleep, or draw a random id", (owner, method) -> switch (method) {
            case "now" -> owner.startsWith("java.time.");
            case "nanoTime", "currentTimeMillis" -> owner.equals(System.class.getName());
            case "systemUTC", "systemDefaultZone", "system", "tickMillis", "tickSeconds" ->
                owner.equals(Clock.class.getName());
            case "sleep" -> owner.equals(Thread.class.getName()) || owner.equals("java.util.concurrent.TimeUnit");
            case "parkNanos", "parkUntil" -> owner.equals(LockSupport.class.getName());
            case "randomUUID" -> owner.equals(UUID.class.getName());
            case "current" -> owner.equals(ThreadLocalRandom.class.getName());
            case "random" -> owner.equals(Math.class.getName());
            default -> false;
        });
    }

    private static DescribedPredicate<JavaAccess<?>> processControl() {
        var ofSystem = Set.of("exit", "getenv");
        var ofRuntime = Set.of("exit", "halt", "addShutdownHook");
        return access(
                "read the environment, end the process, or hook its end",
                (owner, method) -> (owner.equals(System.class.getName()) && ofSystem.contains(method))
                        || (owner.equals(Runtime.class.getName()) && ofRuntime.contains(method)));
    }

    /** Decides on a call or a method reference by the full name of its owner and the name of the method. */
    @FunctionalInterface
    private interface Target {
        boolean matches(String owner, String method);
    }

    private static DescribedPredicate<JavaAccess<?>> access(String description, Target target) {
        return DescribedPredicate.describe(
                description,
                access -> target.matches(
                        access.getTargetOwner().getFullName(),
                        access.getTarget().getName()));
    }

    private static ArchCondition<JavaClass> carryOneOfTheTags(String... names) {
        var accepted = Set.of(names);
        return new ArchCondition<>("carry one of the tags " + String.join(", ", names)) {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                var single = type.tryGetAnnotationOfType(Tag.class).stream();
                var several =
                        type.tryGetAnnotationOfType(Tags.class).stream().flatMap(tags -> Arrays.stream(tags.value()));
                boolean tagged = Stream.concat(single, several).map(Tag::value).anyMatch(accepted::contains);
                if (!tagged) {
                    events.add(SimpleConditionEvent.violated(type, type.getName() + " has none of the tags"));
                }
            }
        };
    }

    /** What protoc writes has a package of its own, and every file of it a class of this kind. */
    private static DescribedPredicate<JavaClass> liveBesideGeneratedCode() {
        return DescribedPredicate.describe(
                "live in a package written by protoc",
                type -> type.getPackage().getClasses().stream()
                        .anyMatch(neighbour -> neighbour.isAssignableTo("com.google.protobuf.GeneratedFile")));
    }

    private static ArchCondition<JavaClass> liveInANullMarkedPackage() {
        return new ArchCondition<>("live in a package whose package-info is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                var home = type.getPackage();
                boolean marked = home.tryGetPackageInfo()
                        .map(info -> info.isAnnotatedWith(NullMarked.class))
                        .orElse(false);
                if (!marked) {
                    events.add(SimpleConditionEvent.violated(
                            type, home.getName() + " has no @NullMarked package-info (" + type.getName() + ")"));
                }
            }
        };
    }
}
