package org.pipecatmanager.daemon.agents;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.daemon.config.Durations;
import org.pipecatmanager.daemon.config.Nearest;

/**
 * One mapping of the file. What is asked for is known; {@link #refuseTheRest()} complains about what nobody asked for. A value
 * that cannot be used adds a problem and counts as absent, so that reading goes on.
 *
 * <p>Values are shown in problems, except those asked for as secret or free text.
 */
final class Section {
    private static final int SHOWN_CHARS = 60;

    private final String path;
    private final Map<String, @Nullable Object> values;
    private final List<String> problems;
    private final Consumer<Asked> questions;
    private final Set<String> known = new LinkedHashSet<>();

    /**
     * Makes one.
     *
     * @param questions hears what is asked for
     */
    Section(String path, Map<String, @Nullable Object> values, List<String> problems, Consumer<Asked> questions) {
        this.path = path;
        this.values = values;
        this.problems = problems;
        this.questions = questions;
    }

    /** The names in it, in the order of the file. */
    List<String> names() {
        return List.copyOf(values.keySet());
    }

    /** Whether the key holds something. */
    boolean has(String key) {
        known.add(key);
        Object value = values.get(key);
        return value != null && !"".equals(value);
    }

    /** Where in the file a key is, for a problem. */
    String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** Adds a problem about a key. */
    void problem(String key, String complaint) {
        problems.add(at(key) + (complaint.startsWith(":") ? "" : " ") + complaint);
    }

    private void asked(String key, String type, String limit) {
        questions.accept(new Asked(at(key), type, limit));
    }

    /** Text, or null when there is none. Numbers and flags are taken as they were written. */
    @Nullable
    String text(String key) {
        asked(key, "text", "");
        return written(key);
    }

    private @Nullable String written(String key) {
        if (!has(key)) {
            return null;
        }
        Object value = values.get(key);
        if (value instanceof Map || value instanceof List) {
            problem(key, "is a list or a mapping; give text");
            return null;
        }
        return String.valueOf(value);
    }

    /** Text, empty when there is none. */
    String textOrEmpty(String key) {
        String text = text(key);
        return text == null ? "" : text;
    }

    /** Text that must be there; empty, and a problem, when it is not. */
    String required(String key, String example) {
        asked(key, "text", "needed");
        if (!has(key)) {
            problem(key, "is missing; give it, for instance " + example);
            return "";
        }
        String text = written(key);
        return text == null ? "" : text;
    }

    /** The texts of a list, or null when there is none; one text stands for a list of it. */
    @Nullable
    List<String> texts(String key) {
        asked(key, "list of texts", "");
        if (!has(key)) {
            return null;
        }
        if (!(values.get(key) instanceof List<?> list)) {
            String text = written(key);
            return text == null ? null : List.of(text);
        }
        List<String> texts = new ArrayList<>();
        for (Object each : list) {
            if (each == null || each instanceof Map || each instanceof List) {
                problem(key, "holds something that is no text");
                return null;
            }
            texts.add(String.valueOf(each));
        }
        return texts;
    }

    /** One of several words, or null when there is none. */
    @Nullable
    String oneOf(String key, List<String> words) {
        asked(key, "word", String.join(", ", words));
        return word(key, words);
    }

    private @Nullable String word(String key, List<String> words) {
        String text = written(key);
        if (text == null || words.contains(text)) {
            return text;
        }
        problem(key, "is '" + shown(text) + "'; use " + String.join(" or ", words) + Nearest.hint(text, words));
        return null;
    }

    /** A number, or null when there is none. */
    @Nullable
    Double number(String key, double min, double max) {
        asked(key, "number", plain(min) + " to " + plain(max));
        String text = written(key);
        if (text == null) {
            return null;
        }
        try {
            double number = Double.parseDouble(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, with what would be right
        }
        problem(key, "is '" + shown(text) + "'; use a number from " + plain(min) + " to " + plain(max));
        return null;
    }

    /** A whole number, or null when there is none. */
    @Nullable
    Integer whole(String key, int min, int max) {
        asked(key, "whole number", min + " to " + max);
        String text = written(key);
        if (text == null) {
            return null;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, with what would be right
        }
        problem(key, "is '" + shown(text) + "'; use a whole number from " + min + " to " + max);
        return null;
    }

    /** A flag. */
    boolean flag(String key, boolean otherwise) {
        asked(key, "flag", "true, false");
        String text = word(key, List.of("true", "false"));
        return text == null ? otherwise : text.equals("true");
    }

    /** A duration within bounds. */
    Duration duration(String key, Duration otherwise, Duration max) {
        asked(key, "duration", "more than 0, at most " + plain(max));
        String text = written(key);
        if (text == null) {
            return otherwise;
        }
        try {
            Duration duration = Durations.parse(text);
            if (duration.isPositive() && duration.compareTo(max) <= 0) {
                return duration;
            }
            problem(key, "is " + shown(text) + "; use more than nothing and at most " + plain(max));
        } catch (IllegalArgumentException e) {
            problem(key, ": " + e.getMessage());
        }
        return otherwise;
    }

    /** A mapping within, empty when there is none. */
    Section section(String key) {
        return new Section(at(key), mapping(key), problems, questions);
    }

    /** The mapping under a key as plain values, empty when there is none. */
    Map<String, @Nullable Object> mapping(String key) {
        asked(key, "mapping", "");
        if (!has(key)) {
            return Map.of();
        }
        if (values.get(key) instanceof Map<?, ?> map) {
            return asMapping(map);
        }
        problem(key, "is not a mapping; put 'name: value' lines under it");
        return Map.of();
    }

    /** The mappings of a list, none when there is none. */
    List<Section> sections(String key) {
        asked(key, "list of mappings", "");
        if (!has(key)) {
            return List.of();
        }
        if (!(values.get(key) instanceof List<?> list)) {
            problem(key, "is not a list; start each entry with '- '");
            return List.of();
        }
        List<Section> sections = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String place = key + "[" + i + "]";
            if (list.get(i) instanceof Map<?, ?> map) {
                sections.add(new Section(at(place), asMapping(map), problems, questions));
            } else {
                problem(place, "is not a mapping; put 'name: value' lines into it");
            }
        }
        return sections;
    }

    /** Complains about every key that nobody asked for. */
    void refuseTheRest() {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                problem(key, "is no setting; use " + String.join(", ", known) + Nearest.hint(key, known));
            }
        }
    }

    private static Map<String, @Nullable Object> asMapping(Map<?, ?> map) {
        Map<String, @Nullable Object> mapping = new LinkedHashMap<>();
        map.forEach((name, value) -> mapping.put(String.valueOf(name), value));
        return mapping;
    }

    private static String shown(String text) {
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    private static String plain(Duration duration) {
        return duration.toHours() > 0
                ? duration.toHours() + "h"
                : duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
