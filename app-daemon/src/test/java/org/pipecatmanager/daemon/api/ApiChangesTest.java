package org.pipecatmanager.daemon.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The check of what embedders compile against bites: each change is made to a type, compiled and compared. */
class ApiChangesTest {
    private static final String PACKAGE = "tried";

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            public class A { public void a() {} }          | public class A { }                                | - tried.A  void a()
            public class A { public void a() {} }          | class A { public void a() {} }                    | - tried.A: class
            public class A { public int a() { return 1; } }| public class A { public long a() { return 1; } }  | - tried.A  int a()
            public class A { public void a(int x) {} }     | public class A { public void a(long x) {} }       | - tried.A  void a(int)
            public class A { public void a() {} }          | public class A { public void a() throws java.io.IOException {} } | - tried.A  void a()
            public class A { }                             | public final class A { }                          | - tried.A: class
            public class A implements Runnable { public void run() {} } | public class A { public void run() {} } | - tried.A  is java.lang.Runnable
            public class A { protected void a() {} }       | public class A { void a() {} }                    | - tried.A  protected void a()
            public record A(int a) {}                      | public record A(int a, int b) {}                  | - tried.A  new(int)
            public enum A { X, Y }                         | public enum A { X }                               | - tried.A  constant Y
            public interface A { }                         | public interface A { void a(); }                  | + tried.A  abstract void a()
            public abstract class A { }                    | public abstract class A { public abstract void a(); } | + tried.A  abstract void a()
            public interface A { default void a() {} }     | public interface A { void a(); }                  | - tried.A  default void a()
            public class A { public java.util.List<String> a() { return null; } } | public class A { public java.util.List<Integer> a() { return null; } } | - tried.A  java.util.List<java.lang.String> a()
            """)
    void a_change_that_breaks_others_is_found(String before, String now, String found) throws Exception {
        assertThat(compare(before, now).breaking()).contains(found);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            public class A { }                             | public class A { public void a() {} }
            public interface A { }                         | public interface A { default void a() {} }
            public sealed interface A { record B() implements A {} } | public sealed interface A { int a(); record B(int a) implements A { public B() { this(1); } } }
            public enum A { X }                            | public enum A { X, Y }
            public final class A { void a() {} }           | public final class A { int a; }
            public class A { private A() {} }              | public class A { private A() {} public class B {} }
            """)
    void a_change_that_breaks_nobody_is_let_through(String before, String now) throws Exception {
        assertThat(compare(before, now).breaking()).isEmpty();
    }

    private ApiChanges compare(String before, String now) throws Exception {
        return ApiChanges.between(listed("before", before), listed("now", now));
    }

    /** The listing of a type that is called A. */
    private SortedMap<String, List<String>> listed(String name, String source) throws Exception {
        Path classes = Files.createDirectories(folder.resolve(name));
        Path file = Files.writeString(classes.resolve("A.java"), "package " + PACKAGE + "; " + source);
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, Locale.ROOT, null)) {
            boolean done = compiler.getTask(
                            said,
                            files,
                            null,
                            List.of("-proc:none", "-d", classes.toString()),
                            null,
                            files.getJavaFileObjects(file))
                    .call();
            assertThat(done).as("%s", said).isTrue();
        }
        try (var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()})) {
            Class<?> type = loader.loadClass(PACKAGE + ".A");
            return ApiListing.parse(ApiListing.text(Stream.of(type)
                    .flatMap(each -> ApiListing.typesOf(each, List.of(PACKAGE)).stream())
                    .toList()));
        }
    }
}
