package org.pipecatmanager.daemon.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Questions to daemons over the broker, one at a time. */
interface Rpc extends AutoCloseable {
    /**
     * Asks whoever consumes the queue.
     *
     * @param body null for none
     * @throws ControlFailure nobody answered
     */
    Answer call(String queue, String method, String path, @Nullable Map<String, ?> body)
            throws ControlFailure, InterruptedException;

    @Override
    void close();

    /**
     * What came back.
     *
     * @param status as in HTTP
     * @param data   the record, or the error object; a missing node when there was none
     */
    record Answer(int status, JsonNode data) {}
}
