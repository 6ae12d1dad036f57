package org.pipecatmanager.daemon.agents;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts the environment into text: {@code ${NAME}} must be set, {@code ${NAME:-text}} has a substitute. */
final class EnvironmentText {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?}");

    private EnvironmentText() {}

    /**
     * Replaces every reference; an empty variable counts as not set.
     *
     * @throws IllegalArgumentException when a variable without a substitute is not set
     */
    static String substitute(String text, Map<String, String> environment) {
        Matcher matcher = REFERENCE.matcher(text);
        return matcher.replaceAll(found -> Matcher.quoteReplacement(value(matcher, environment)));
    }

    private static String value(Matcher found, Map<String, String> environment) {
        String name = found.group(1);
        String value = environment.getOrDefault(name, "");
        if (!value.isEmpty()) {
            return value;
        }
        if (found.group(2) == null) {
            throw new IllegalArgumentException("the environment variable " + name + " is not set; set it, or write ${"
                    + name + ":-text} for what to use without it");
        }
        return found.group(3);
    }
}
