package org.pipecatmanager.daemon.wiring;

import java.nio.file.Path;
import java.util.Map;

/**
 * What the process was given besides its settings.
 *
 * @param variables the environment, for {@code ${NAME}} in {@code agents.yaml}
 * @param home      the folder that holds {@code python-runner}
 */
public record DaemonEnvironment(Map<String, String> variables, Path home) {
    public DaemonEnvironment {
        variables = Map.copyOf(variables);
    }
}
