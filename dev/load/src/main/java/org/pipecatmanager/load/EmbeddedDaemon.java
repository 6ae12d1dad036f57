package org.pipecatmanager.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The daemon in its embedded default: a caller who dials is answered, and its records are in a file. */
final class EmbeddedDaemon extends DaemonTarget {
    EmbeddedDaemon(Path folder) throws IOException {
        super(folder, settings(folder));
    }

    private static Map<String, String> settings(Path folder) throws IOException {
        Path agents = Files.writeString(
                folder.resolve("agents.yaml"), "default_agent: marks\nagents:\n  marks:\n    bot: tone\n");
        return Map.of("AGENTS_FILE", agents.toString());
    }

    @Override
    public void connect(Generator generator, Call call, Speech.Voice voice) throws IOException {
        runners().expect(call, generator, voice);
        generator.caller(call, Caller.dial(call, daemon().audioSocket()));
    }
}
