package org.pipecatmanager.daemon.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Every setting: environment name, default, meaning. The flag is the name in lower case with dashes. */
public enum Key {
    HTTP_LISTEN_ADDRESS("", "where runner and control API connect (default 127.0.0.1:8080, or POD_IP:8080)"),
    HTTP_ADVERTISED_ADDRESS("", "host:port under which runners reach us (default: the listen address)"),
    AUDIOSOCKET_LISTEN_ADDRESS("", "where Asterisk connects (default 127.0.0.1:9092, or POD_IP:9092)"),
    AUDIOSOCKET_ADVERTISED_ADDRESS(
            "", "platform: host:port under which Asterisk reaches us (default: the listen address)"),
    AUDIOSOCKET_ALLOW("", "address ranges that may connect, comma-separated CIDR (default: all)"),
    AUDIOSOCKET_MAX_CONNECTIONS("1000", "caller connections at once"),
    AUDIOSOCKET_HANDSHAKE_TIMEOUT("5s", "a connection must present its UUID within"),
    AUDIOSOCKET_FORMAT("slin", "platform: slin or slin16, what call-manager is asked to send"),
    RUNNER_URL("", "address of a runner that is already there (default: started as a child)"),
    RUNNER_COMMAND("", "command that starts the child runner (default: the one beside the daemon)"),
    RUNNER_TOKEN("", "bearer token of the runner", true),
    API_TOKEN("", "bearer token of the control API; needed beyond loopback", true),
    AGENTS_FILE("agents.yaml", "embedded: the agents"),
    DATA_DIR("data", "folder of the daemon's files: the records, or on a platform what waits for the database"),
    REGISTRATION_TTL("60s", "embedded: a registered call without a leg ends after"),
    LEG_TIMEOUT("30s", "platform: the leg must connect within; otherwise REGISTRATION_TTL"),
    RUNNER_TIMEOUT("15s", "the runner must connect back within"),
    RUNNER_RETRIES("2", "tries to replace a runner lost in a call while the caller is kept; 0 ends the call"),
    IDLE_TIMEOUT("300s", "a call in which nobody speaks ends after"),
    MAX_DURATION("2h", "no call is longer than"),
    DRAIN_TIMEOUT("30s", "calls may end by themselves for this long after SIGTERM"),
    MAX_SESSIONS("400", "calls at once"),
    WARM_UP("600ms", "calls are rehearsed for this long before real ones are taken; 0 for not at all"),
    TRANSCRIPT_RETENTION("30d", "how long what was said, and latencies, are kept; 0 keeps none"),
    RECORDING_RETENTION("30d", "how long recordings are kept of agents that ask for it; 0 makes none"),
    TAPE_DIR("", "folder to which every call is taped, sound and words, for replay; empty: none is"),
    TAPE_PROMPTS("off", "on: tapes hold prompts too"),
    PROMETHEUS_LISTEN_ADDRESS("", "where metrics and health are served (default 127.0.0.1:2112, or POD_IP:2112)"),
    PROMETHEUS_ENDPOINT("/metrics", "path of the metrics"),
    OTEL_EXPORTER_OTLP_ENDPOINT(
            "",
            "where spans of calls are sent, OTLP over HTTP: http://host:4318 (default: nowhere, and none are made)"),
    OTEL_EXPORTER_OTLP_HEADERS("", "headers sent with spans, name=value, comma-separated", true),
    OTEL_RESOURCE_ATTRIBUTES("", "what spans say of this daemon besides, name=value, comma-separated"),
    OTEL_TRACES_SAMPLER_ARG("1", "share of the calls that begin a trace of their own that is recorded, 0 to 1"),
    POD_IP("", "address of this host: listeners default to it; on a platform it is needed, as the host id"),
    RABBITMQ_ADDRESS("", "amqp:// or amqps:// address of the broker; set: platform mode", true),
    DATABASE_DSN("", "platform: the database, user:password@tcp(host:3306)/name or a JDBC address", true),
    REDIS_ADDRESS("", "platform: host:port of the cache"),
    REDIS_PASSWORD("", "platform: its password", true),
    REDIS_DATABASE("1", "platform: its number");

    private static final Set<Key> FOR_PLATFORM = EnumSet.of(
            AUDIOSOCKET_ADVERTISED_ADDRESS,
            AUDIOSOCKET_FORMAT,
            LEG_TIMEOUT,
            DATABASE_DSN,
            REDIS_ADDRESS,
            REDIS_PASSWORD,
            REDIS_DATABASE);

    private static final Set<Key> FOR_EMBEDDED = EnumSet.of(AGENTS_FILE, REGISTRATION_TTL, RECORDING_RETENTION);

    private final String defaultValue;
    private final String meaning;
    private final boolean secret;

    Key(String defaultValue, String meaning) {
        this(defaultValue, meaning, false);
    }

    Key(String defaultValue, String meaning, boolean secret) {
        this.defaultValue = defaultValue;
        this.meaning = meaning;
        this.secret = secret;
    }

    public String defaultValue() {
        return defaultValue;
    }

    public String meaning() {
        return meaning;
    }

    /** Whether the value is never printed. */
    public boolean isSecret() {
        return secret;
    }

    /** Whether that mode does anything with it. */
    public boolean isUsed(boolean platform) {
        return !(platform ? FOR_EMBEDDED : FOR_PLATFORM).contains(this);
    }

    /** The command-line flag without its dashes: {@code http-listen-address}. */
    public String flag() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The key of a flag, an environment name or a file key, however it is spelt. */
    public static Optional<Key> of(String spelling) {
        String name = spelling.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
        return Arrays.stream(values()).filter(key -> key.name().equals(name)).findFirst();
    }

    /** Flags, in the order of the list. */
    public static List<String> flags() {
        return Arrays.stream(values()).map(Key::flag).toList();
    }
}
