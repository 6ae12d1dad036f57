package org.pipecatmanager.daemon.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.ConfigurationException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The settings as text, with where each came from.
 *
 * @param values every key that was set, blank ones left out
 * @param origins {@code flag}, {@code environment} or the file's name
 */
public record Settings(Map<Key, String> values, Map<Key, String> origins) {
    public Settings {
        values = Map.copyOf(values);
        origins = Map.copyOf(origins);
    }

    /**
     * Gathers them: flags win over the environment, that over the file.
     *
     * @param flags       by key, as given on the command line
     * @param environment the process environment
     * @param file        YAML or {@code key: value} lines, or null for none
     * @throws ConfigurationException when the file cannot be read or holds unknown keys
     */
    public static Settings gather(Map<Key, String> flags, Map<String, String> environment, @Nullable Path file) {
        Map<Key, String> values = new EnumMap<>(Key.class);
        Map<Key, String> origins = new EnumMap<>(Key.class);
        if (file != null) {
            fromFile(file).forEach((key, value) -> put(values, origins, key, value, file.toString()));
        }
        for (Key key : Key.values()) {
            put(values, origins, key, environment.getOrDefault(key.name(), ""), "environment");
        }
        flags.forEach((key, value) -> put(values, origins, key, value, "flag"));
        return new Settings(values, origins);
    }

    private static void put(Map<Key, String> values, Map<Key, String> origins, Key key, String value, String origin) {
        if (!value.isBlank()) {
            values.put(key, value.strip());
            origins.put(key, origin);
        }
    }

    private static Map<Key, String> fromFile(Path file) {
        Map<String, Object> raw;
        try {
            raw = new YAMLMapper().readValue(Files.readString(file), new TypeReference<Map<String, Object>>() {});
        } catch (IOException e) {
            throw new ConfigurationException(List.of("the configuration file " + file + " cannot be read: " + e));
        } catch (JacksonException e) {
            throw new ConfigurationException(List.of(
                    "the configuration file " + file + " is not 'key: value' lines: " + e.getOriginalMessage()));
        }
        Map<Key, String> values = new EnumMap<>(Key.class);
        List<String> problems = new ArrayList<>();
        raw.forEach((name, value) -> Key.of(name)
                .ifPresentOrElse(
                        key -> values.put(key, value == null ? "" : value.toString()),
                        () -> problems.add(file + ": '" + name + "' is no setting"
                                + Nearest.hint(name.replace('_', '-'), Key.flags()))));
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return values;
    }

    /** The text of a key, its default where it was not set. */
    public String get(Key key) {
        return values.getOrDefault(key, key.defaultValue());
    }

    /** The text of a key, if it was set. */
    public Optional<String> given(Key key) {
        return Optional.ofNullable(values.get(key));
    }

    /** One line a key: value, origin, secrets hidden. */
    public List<String> describe() {
        return Arrays.stream(Key.values()).map(this::describe).toList();
    }

    /** The same for the keys whose value is not the default. */
    public List<String> describeChanged() {
        return Arrays.stream(Key.values())
                .filter(key -> !get(key).equals(key.defaultValue()))
                .map(this::describe)
                .toList();
    }

    private String describe(Key key) {
        String value = key.isSecret() && !get(key).isEmpty() ? "***" : withoutLogin(get(key));
        return key.name() + " = " + (value.isEmpty() ? "(none)" : value) + "  [" + origins.getOrDefault(key, "default")
                + "]";
    }

    /** Whether they ask for platform mode. */
    public boolean isPlatform() {
        return given(Key.RABBITMQ_ADDRESS).isPresent();
    }

    /** An address may carry user and password. */
    private static String withoutLogin(String value) {
        return value.replaceFirst("//[^/]*@", "//***@");
    }

    /** Keys that were set and change nothing: those of the other mode, a child's where there is no child. */
    public List<Key> withoutEffect() {
        return Arrays.stream(Key.values())
                .filter(values::containsKey)
                .filter(key ->
                        !key.isUsed(isPlatform()) || (key == Key.RUNNER_COMMAND && values.containsKey(Key.RUNNER_URL)))
                .toList();
    }
}
