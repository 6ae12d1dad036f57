package org.pipecatmanager.daemon.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pipecatmanager.adapter.amqp.EventRelay;
import org.pipecatmanager.adapter.audiosocket.AudioSocketServer;
import org.pipecatmanager.adapter.mysql.Journal;
import org.pipecatmanager.adapter.pipecatws.PipecatWsServer;
import org.pipecatmanager.adapter.redis.RedisHostLeases;
import org.pipecatmanager.domain.engine.PipecatEngine;
import org.pipecatmanager.ports.out.EventPublisher;

/**
 * What embedders compile against is what was released, or more. {@code dev/api} has it as it was: a list for each module, and in
 * {@code accepted.txt} what has been broken since on purpose.
 *
 * <p>{@code make api} shows the difference; {@code make api WRITE=1}, at a release, makes today's the lists and forgets what was accepted.
 */
class ApiTest {
    private static final Path LISTS = Path.of("../dev/api");
    private static final Path ACCEPTED = LISTS.resolve("accepted.txt");
    private static final Pattern NAME = Pattern.compile("\\b(?:[a-z]\\w*\\.)+[A-Z][\\w$]*");
    /**
     * Whoever opens channels of their own gets the driver's connection; and of the journal the stores of its module take what only the
     * module can name.
     */
    private static final Set<String> TOLERATED = Set.of(
            "com.rabbitmq.client.Connection",
            "org.pipecatmanager.adapter.mysql.HistoryWriter",
            "org.pipecatmanager.adapter.mysql.RecordWriter");

    private static final Pattern JDK = Pattern.compile("javax?\\..*");

    /** A library module, and those of its packages that are for others. */
    private record Module(String name, Class<?> oneOfIt, List<String> packages) {
        SortedMap<String, List<String>> today() {
            return ApiListing.parse(text());
        }

        String text() {
            return ApiListing.text(types());
        }

        Collection<Class<?>> types() {
            return ApiListing.typesOf(oneOfIt, packages);
        }

        Path list() {
            return LISTS.resolve(name + ".txt");
        }
    }

    private static final List<Module> MODULES = List.of(
            module("pipecat-ports", EventPublisher.class, "ports", "in", "memory", "model", "out", "wire"),
            module(
                    "pipecat-domain",
                    PipecatEngine.class,
                    "domain",
                    "engine",
                    "platform",
                    "reaper",
                    "rounds",
                    "session.SessionPlan"),
            adapter("adapter-amqp", EventRelay.class),
            adapter("adapter-audiosocket", AudioSocketServer.class),
            adapter("adapter-mysql", Journal.class),
            adapter("adapter-pipecat-ws", PipecatWsServer.class),
            adapter("adapter-redis", RedisHostLeases.class));

    private static Module module(String name, Class<?> oneOfIt, String within, String... packages) {
        return new Module(
                name,
                oneOfIt,
                List.of(packages).stream()
                        .map(each -> "org.pipecatmanager." + within + "." + each)
                        .toList());
    }

    private static Module adapter(String name, Class<?> oneOfIt) {
        return new Module(name, oneOfIt, List.of(oneOfIt.getPackageName()));
    }

    @Test
    void nothing_that_was_released_is_broken_unless_it_was_accepted() throws Exception {
        if (Boolean.getBoolean("api.write")) {
            write();
        }
        var byModule = new TreeMap<String, ApiChanges>();
        for (Module module : MODULES) {
            byModule.put(
                    module.name(),
                    ApiChanges.between(ApiListing.parse(Files.readString(module.list())), module.today()));
        }
        ApiChanges changes = ApiChanges.ofAll(byModule);
        if (Boolean.getBoolean("api.show")) {
            show(changes);
        }
        assertThat(new TreeSet<>(accepted()))
                .as(
                        "dev/api/accepted.txt has what is broken since the last release, each line below a comment that says why."
                                + " What is missing there breaks the code of those who embed us: keep it, or add its line and say so in"
                                + " CHANGELOG.md. What is there and not expected is out of date: take it out")
                .isEqualTo(changes.breaking());
    }

    @Test
    void what_is_accepted_says_why() throws Exception {
        List<String> lines = Files.readAllLines(ACCEPTED);
        int head = lines.indexOf("");
        assertThat(lines.subList(0, head)).allMatch(line -> line.startsWith("#"));
        String before = "";
        for (String line : lines.subList(head, lines.size())) {
            assertThat(line.isEmpty() || line.startsWith("#") || !before.isEmpty())
                    .as("\"%s\" has a comment above it that says why", line)
                    .isTrue();
            before = line;
        }
    }

    @Test
    void what_is_for_others_names_nothing_that_is_not() {
        var known = new TreeSet<String>(TOLERATED);
        MODULES.forEach(module -> module.types().forEach(type -> known.add(type.getName())));
        var unknown = new TreeSet<String>();
        for (Module module : MODULES) {
            for (String line : module.text().lines().toList()) {
                NAME.matcher(line)
                        .results()
                        .map(MatchResult::group)
                        .filter(name -> !JDK.matcher(name).matches() && !known.contains(name))
                        .forEach(name -> unknown.add(name + ", for: " + line.strip()));
            }
        }
        assertThat(unknown).isEmpty();
    }

    private static List<String> accepted() throws IOException {
        return Files.readAllLines(ACCEPTED).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    private static void write() throws IOException {
        for (Module module : MODULES) {
            Files.writeString(
                    module.list(),
                    "# " + module.name()
                            + " as it was last released, for those who embed it. Written by make api WRITE=1.\n"
                            + module.text());
        }
        List<String> lines = Files.readAllLines(ACCEPTED);
        Files.write(ACCEPTED, lines.subList(0, lines.indexOf("") + 1));
    }

    private static void show(ApiChanges changes) {
        changes.breaking().forEach(line -> System.out.println("breaks  " + line));
        changes.added().forEach(line -> System.out.println("new     " + line));
        System.out.println(changes.breaking().size() + " breaking and "
                + changes.added().size() + " compatible differences from the lists in dev/api");
    }
}
