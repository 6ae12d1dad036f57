package org.pipecatmanager.microbench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run, as it is kept in a file.
 *
 * @param machine where and of what it was taken
 * @param benchmarks by name
 */
record Report(Map<String, String> machine, Map<String, Measured> benchmarks) {
    /** Nothing to compare with. */
    static final Report NONE = new Report(Map.of(), Map.of());

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Reads a file of {@link #write}. */
    static Report read(Path file) {
        return JSON.readValue(file.toFile(), Report.class);
    }

    /** Writes a line for everything, so that a change shows as what it is. */
    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file,
                "{\n  \"machine\": {\n" + lines(machine) + "\n  },\n  \"benchmarks\": {\n" + lines(benchmarks)
                        + "\n  }\n}\n");
    }

    private static String lines(Map<String, ?> values) {
        List<String> lines = new ArrayList<>();
        values.forEach((name, value) ->
                lines.add("    " + JSON.writeValueAsString(name) + ": " + JSON.writeValueAsString(value)));
        return String.join(",\n", lines);
    }
}
