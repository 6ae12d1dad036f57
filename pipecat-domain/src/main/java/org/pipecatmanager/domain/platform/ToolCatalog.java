package org.pipecatmanager.domain.platform;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pipecatmanager.domain.engine.Threads;
import org.pipecatmanager.domain.rounds.Rounds;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.out.AiManager;
import org.pipecatmanager.ports.out.Alarms;
import org.pipecatmanager.ports.out.ManagerException;

/**
 * The tools ai-manager offers, as they were when it was last asked. No call waits for it: until the first answer there are
 * no tools.
 *
 * <p><b>Threads.</b> Safe for all; asking runs on a thread of its own.
 */
public final class ToolCatalog implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ToolCatalog.class.getPackageName());
    /** How old the catalogue gets, as on the platform. */
    private static final Duration REFRESH_EVERY = Duration.ofMinutes(5);
    /** After the first failure in a row, the second, and so on; from the last on they keep that distance. */
    private static final List<Duration> RETRIES = List.of(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofMinutes(1),
            REFRESH_EVERY);

    private final AiManager aiManager;
    private final Rounds rounds;
    private volatile List<ToolDefinition> tools = List.of();

    /** Touched by the asking thread only. */
    private int failures;

    public ToolCatalog(AiManager aiManager, Alarms alarms, Threads threads) {
        this.aiManager = aiManager;
        this.rounds = new Rounds("tool-catalog", alarms, threads, this::refresh);
    }

    /** Begins to ask; returns at once. */
    public void start() {
        rounds.start();
    }

    /** The tools, names unique. */
    public List<ToolDefinition> tools() {
        return tools;
    }

    /** Asks no more. What there is stays. */
    @Override
    public void close() {
        rounds.close();
    }

    private Duration refresh() {
        try {
            tools = unique(aiManager.tools());
        } catch (ManagerException e) {
            Duration pause = RETRIES.get(Math.min(failures, RETRIES.size() - 1));
            failures++;
            LOG.log(
                    Level.WARNING,
                    "the catalogue of tools could not be read, " + tools.size() + " tools stay, next attempt in "
                            + pause + ": " + e.getMessage());
            return pause;
        }
        failures = 0;
        return REFRESH_EVERY;
    }

    /** A runner refuses two tools of one name; the first is the one. */
    private static List<ToolDefinition> unique(List<ToolDefinition> all) {
        Map<String, ToolDefinition> byName = new LinkedHashMap<>();
        all.forEach(tool -> byName.putIfAbsent(tool.name(), tool));
        return List.copyOf(byName.values());
    }
}
