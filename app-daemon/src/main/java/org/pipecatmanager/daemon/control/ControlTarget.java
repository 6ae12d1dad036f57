package org.pipecatmanager.daemon.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Where questions go: one daemon over HTTP, or all of them over the broker. For one thread. */
interface ControlTarget extends AutoCloseable {
    /**
     * The answer to a request that any daemon can answer.
     *
     * @param body null for none
     */
    JsonNode ask(String method, String path, @Nullable Map<String, ?> body) throws ControlFailure, InterruptedException;

    /** The answer to a request that is for the daemon which owns the call. */
    JsonNode askOwner(String callId, String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException;

    @Override
    void close();

    /** The refusal in an answer: its status, its reason, and what it says. */
    static ControlFailure refusal(int status, JsonNode body) {
        String reason = body.path("reason").asString("");
        String message = body.path("message").asString("");
        return ControlFailure.refused(
                status + (reason.isEmpty() ? "" : " " + reason) + ": " + (message.isEmpty() ? "no message" : message));
    }
}
