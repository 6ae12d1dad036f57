package org.pipecatmanager.daemon.runner;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Passes the runner's log lines, one JSON object each, on to ours at their level. */
final class RunnerLog {
    private static final Logger LOG = LoggerFactory.getLogger("pipecat-runner");
    /** A line longer than this is cut. */
    private static final int MAX_CHARS = 4_000;

    private RunnerLog() {}

    /** One line of the runner's stderr; what is not JSON (a traceback of the interpreter) is a warning as it stands. */
    static void pass(String line) {
        if (line.isBlank()) {
            return;
        }
        JsonNode entry = parsed(line);
        if (entry == null || !entry.isObject()) {
            LOG.warn("{}", cut(line));
            return;
        }
        String call = entry.path("call").asString("");
        String message = cut(entry.path("message").asString(""));
        String exception = cut(entry.path("exception").asString(""));
        LOG.atLevel(level(entry.path("level").asString("")))
                .log(
                        "{}{}{}",
                        call.isEmpty() ? "" : "call " + call + ": ",
                        message,
                        exception.isEmpty() ? "" : "\n" + exception);
    }

    private static @Nullable JsonNode parsed(String line) {
        try {
            return JsonMapper.shared().readTree(line);
        } catch (JacksonException e) {
            return null;
        }
    }

    private static Level level(String name) {
        return switch (name.toUpperCase(Locale.ROOT)) {
            case "TRACE" -> Level.TRACE;
            case "DEBUG" -> Level.DEBUG;
            case "WARNING", "WARN" -> Level.WARN;
            case "ERROR", "CRITICAL" -> Level.ERROR;
            default -> Level.INFO;
        };
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
    }
}
