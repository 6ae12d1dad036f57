package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Java that the pages show is that of the examples, which are compiled and run. */
class EmbeddingPagesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern JAVA = Pattern.compile("^```java\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/embedding.md"})
    void what_a_page_shows_is_in_an_example(String page) throws Exception {
        List<String> shown = JAVA.matcher(Files.readString(ROOT.resolve(page)))
                .results()
                .map(block -> plain(block.group(1)))
                .toList();
        String examples = examples();

        assertThat(shown).isNotEmpty().allSatisfy(block -> assertThat(examples).contains(block));
    }

    /** All of them, one after the other. */
    private static String examples() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("examples"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .map(EmbeddingPagesTest::text)
                    .map(EmbeddingPagesTest::plain)
                    .collect(Collectors.joining());
        }
    }

    /** Without indentation: a page shows lines from within a method. */
    private static String plain(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n", "", "\n"));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
