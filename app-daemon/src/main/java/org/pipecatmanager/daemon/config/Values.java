package org.pipecatmanager.daemon.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.ConfigurationException;

/** Settings as typed values; what cannot be read becomes a problem, and something harmless in its place. */
final class Values {
    private final Settings settings;
    private final List<String> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    Values(Settings settings) {
        this.settings = settings;
    }

    void problem(String sentence) {
        problems.add(sentence);
    }

    void warning(String sentence) {
        warnings.add(sentence);
    }

    List<String> problems() {
        return problems;
    }

    List<String> warnings() {
        return warnings;
    }

    /** What was made, or null and its problems. */
    <T> @Nullable T gathered(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
            return null;
        }
    }

    HostPort address(Key key, String fallback) {
        return parsed(key, settings.given(key).orElse(fallback), HostPort::parse, new HostPort("127.0.0.1", 1));
    }

    Duration positive(Key key) {
        Duration value = parsed(key, settings.get(key), Durations::parse, Duration.ofSeconds(1));
        if (value.isZero() || value.isNegative()) {
            problem(key + " is " + settings.get(key) + "; set a positive duration such as " + key.defaultValue());
            return Duration.ofSeconds(1);
        }
        return value;
    }

    int count(Key key, int min, int max) {
        String text = settings.get(key);
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, with what would be right
        }
        problem(key + " is '" + text + "'; set a whole number from " + min + " to " + max);
        return min;
    }

    List<String> words(Key key, String separator) {
        return Arrays.stream(settings.get(key).split(separator))
                .map(String::strip)
                .filter(word -> !word.isEmpty())
                .toList();
    }

    <T> T parsed(Key key, String text, Function<String, T> parser, T substitute) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            problem(key + ": " + e.getMessage());
            return substitute;
        }
    }
}
