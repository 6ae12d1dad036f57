package org.pipecatmanager.ports.model;

import java.util.List;
import java.util.Map;

/**
 * What a pipeline that takes the place of a lost one goes on from.
 *
 * @param attempt  1, 2, …: which try to replace the runner this is
 * @param messages the conversation so far as chat messages, the oldest first; instead of the start's
 * @param member   of the team, who had the call; empty without a team, or when it is not known
 */
public record Resume(int attempt, List<Map<String, Object>> messages, String member) {
    public Resume {
        messages = OrderedMaps.copyOf(messages);
    }

    /** What was said stays out of logs. */
    @Override
    public String toString() {
        return "Resume[attempt " + attempt + ", " + messages.size() + " messages]";
    }
}
