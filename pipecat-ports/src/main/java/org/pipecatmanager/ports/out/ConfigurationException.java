package org.pipecatmanager.ports.out;

import java.util.List;

/** The configuration cannot be used; all problems at once. */
public final class ConfigurationException extends PipecatManagerException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /**
     * Makes one of everything that was found.
     *
     * @param problems one sentence each: key, value, limit, way out; never a secret
     */
    public ConfigurationException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems), null);
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
