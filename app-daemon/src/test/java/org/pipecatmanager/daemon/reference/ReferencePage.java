package org.pipecatmanager.daemon.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A page of the documentation whose tables are written by two: the code says which keys there are and what it takes for each,
 * people say in the last columns what a key means.
 *
 * <p>A table stands below {@code <!-- keys of PREFIX -->}; its first column is the key without the prefix, then come the cells
 * of the code, then those of people. {@code make docs} ({@code -Ddocs.write=true}) puts the code's cells right, takes out what
 * is no key any more, and adds a row for what is new; without it a page that is not right fails the test.
 */
public final class ReferencePage {
    private static final Pattern MARKER = Pattern.compile("<!-- keys of (\\S*) ?-->");
    private static final Path DOCS = Path.of("..", "docs");
    private static final int HEAD_LINES = 2;

    private final Path file;
    private final Map<String, List<String>> facts;
    private final Set<String> told = new LinkedHashSet<>();

    private ReferencePage(Path file, Map<String, List<String>> facts) {
        this.file = file;
        this.facts = facts;
    }

    /**
     * Holds a page against the code, or writes it.
     *
     * @param name  below {@code docs}
     * @param facts the code's cells by key, in the order in which new ones are added
     */
    public static void check(String name, Map<String, List<String>> facts) throws IOException {
        Path file = DOCS.resolve(name);
        List<String> lines = Files.readAllLines(file);
        List<String> right = new ReferencePage(file, new LinkedHashMap<>(facts)).rendered(lines);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(file, String.join("\n", right) + "\n");
        } else {
            assertThat(lines)
                    .as("docs/%s is not what the code says: run make docs", name)
                    .isEqualTo(right);
        }
        assertThat(right)
                .as("docs/%s: what people have to say of a key is missing", name)
                .noneMatch(line -> line.startsWith("|") && line.contains("|  |"));
    }

    private List<String> rendered(List<String> lines) {
        List<String> page = new ArrayList<>();
        Map<String, Integer> tableEnds = new LinkedHashMap<>();
        String prefix = null;
        int head = 0;
        for (String line : lines) {
            Matcher marker = MARKER.matcher(line);
            if (marker.matches()) {
                prefix = marker.group(1);
                head = HEAD_LINES;
                page.add(line);
            } else if (prefix == null || !line.startsWith("|") || head-- > 0) {
                page.add(line);
                prefix = line.startsWith("|") ? prefix : null;
            } else {
                String row = row(prefix, line);
                if (row != null) {
                    page.add(row);
                }
            }
            if (prefix != null) {
                tableEnds.put(prefix, page.size());
            }
        }
        add(page, tableEnds);
        return page;
    }

    /** A row with the code's cells put right; null for what is no key. */
    private @Nullable String row(String prefix, String line) {
        List<String> cells = Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
                .map(String::strip)
                .toList();
        String key = prefix + cells.getFirst().replace("`", "");
        List<String> known = facts.get(key);
        if (known == null || !told.add(key)) {
            return null;
        }
        return written(cells.getFirst(), known, cells.subList(1 + known.size(), cells.size()));
    }

    /** New keys go to the end of the last table that is nearest to them. */
    private void add(List<String> page, Map<String, Integer> tableEnds) {
        Map<Integer, List<String>> rows = new TreeMap<>(Comparator.reverseOrder());
        facts.forEach((key, known) -> {
            if (told.add(key)) {
                String home = tableEnds.keySet().stream()
                        .filter(key::startsWith)
                        .max(Comparator.comparingInt(String::length))
                        .orElseThrow(() -> new AssertionError(file + " has no table for " + key));
                rows.computeIfAbsent(tableEnds.get(home), end -> new ArrayList<>())
                        .add(written("`" + key.substring(home.length()) + "`", known, List.of("")));
            }
        });
        rows.forEach(page::addAll);
    }

    private static String written(String key, List<String> known, List<String> kept) {
        List<String> cells = new ArrayList<>(List.of(key));
        cells.addAll(known);
        cells.addAll(kept);
        return "| " + String.join(" | ", cells) + " |";
    }
}
