package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Where and with what it was measured. */
final class Machine {
    private Machine() {}

    static Map<String, Object> describe() throws IOException, InterruptedException {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("processor", first(Path.of("/proc/cpuinfo"), "model name"));
        all.put("cores", Runtime.getRuntime().availableProcessors());
        all.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        all.put("memory", first(Path.of("/proc/meminfo"), "MemTotal"));
        all.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        all.put("commit", commit());
        all.put("daemon flags", Objects.requireNonNullElse(System.getenv("JAVA_OPTS"), "") + " (and its launcher's)");
        all.put("floor flags", String.join(" ", Floor.FLAGS));
        all.put(
                "load average before",
                Files.readString(Path.of("/proc/loadavg")).strip());
        return all;
    }

    private static String first(Path file, String key) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static String commit() throws InterruptedException {
        String commit = git(List.of("rev-parse", "--short=12", "HEAD"));
        return git(List.of("status", "--porcelain", "--untracked-files=no")).isEmpty()
                ? commit
                : commit + " with changes";
    }

    private static String git(List<String> arguments) throws InterruptedException {
        var command =
                new java.util.ArrayList<>(List.of("git", "-C", Bench.home().toString()));
        command.addAll(arguments);
        try {
            Process git = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return git.waitFor() == 0 ? said.strip() : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }
}
