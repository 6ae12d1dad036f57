package org.pipecatmanager.ports.model;

/**
 * A tool call began or came back; arguments and results are not part of it.
 *
 * @param succeeded  meaningful when it came back
 * @param tookMillis meaningful when it came back
 */
public record ToolActivity(SessionRef ref, String toolCallId, String name, boolean succeeded, long tookMillis)
        implements EventPayload {}
