package org.pipecatmanager.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code docs/metrics.md} says there is, held against what a daemon shows. */
final class DocumentedMetrics {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (\\w+) \\| ([^|]+) \\| ([\\w ]+) \\|.*");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\w+) (\\w+)");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)\\})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");
    /** Told by the library after garbage was collected. */
    private static final String AFTER_A_COLLECTION = "jvm_memory_pool_allocated_bytes_total";

    private record Row(String type, Set<String> labels, String where) {}

    private DocumentedMetrics() {}

    /** Nothing of the scraped is missing on the page, and nothing the page says is always there is missing in it. */
    static void check(String scraped) throws IOException {
        Map<String, Row> page = page();
        Set<String> shown = new TreeSet<>();
        scraped.lines().map(TYPE::matcher).filter(Matcher::matches).forEach(type -> {
            shown.add(type.group(1));
            Row row = documented(page, type.group(1));
            assertThat(row.type()).as(type.group(1)).isEqualTo(type.group(2));
        });
        scraped.lines().map(SAMPLE::matcher).filter(Matcher::matches).forEach(sample -> {
            String name = sample.group(1).replaceFirst("_(bucket|sum|count)$", "");
            Row row = documented(page, page.containsKey(sample.group(1)) ? sample.group(1) : name);
            assertThat(row.labels()).as(sample.group(1)).containsExactlyInAnyOrderElementsOf(labels(sample.group(2)));
        });
        Set<String> always = new TreeSet<>();
        page.forEach((name, row) -> {
            // Series with labels come with the first thing they count.
            if (row.where().equals("always") && row.labels().isEmpty() && !name.equals(AFTER_A_COLLECTION)) {
                always.add(name);
            }
        });
        assertThat(shown).containsAll(always).hasSizeGreaterThan(60);
    }

    private static Row documented(Map<String, Row> page, String name) {
        Row row = page.get(name);
        if (row == null) {
            throw new AssertionError(name + " is not in docs/metrics.md");
        }
        return row;
    }

    private static Set<String> labels(@Nullable String text) {
        Set<String> labels = new TreeSet<>();
        Matcher label = LABEL.matcher(text == null ? "" : text);
        while (label.find()) {
            labels.add(label.group(1));
        }
        labels.remove("le");
        return labels;
    }

    private static Map<String, Row> page() throws IOException {
        Map<String, Row> rows = new HashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels =
                        new TreeSet<>(Set.of(row.group(3).replace("`", "").split(", ")));
                labels.remove("–");
                rows.put(row.group(1), new Row(row.group(2), labels, row.group(4)));
            }
        }
        return rows;
    }
}
