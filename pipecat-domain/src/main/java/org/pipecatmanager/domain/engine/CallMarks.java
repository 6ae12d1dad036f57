package org.pipecatmanager.domain.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.ToolActivity;

/**
 * What happened when in one call, without what was said, as far as it explains the call afterwards. Of a long call the latest is
 * kept: who speaks and what goes wrong apart, so that much talk does not push the trouble out.
 *
 * <p><b>Threads.</b> Owned by the session's thread.
 */
final class CallMarks {
    /** Some twenty turns: six of speech, and some more, to a turn. */
    static final int SPEECH = 160;

    static final int TROUBLE = 60;
    private static final int DETAIL_CHARS = 200;

    private final Deque<Mark> speech = new ArrayDeque<>();
    private final Deque<Mark> trouble = new ArrayDeque<>();
    private int leftOut;

    /** Notes an event, if it is one of those that explain. */
    void note(long atMillis, EventType type, EventPayload payload) {
        switch (type) {
            case USER_STARTED_SPEAKING,
                    USER_STOPPED_SPEAKING,
                    BOT_STARTED_SPEAKING,
                    BOT_STOPPED_SPEAKING,
                    BOT_INTERRUPTED,
                    MESSAGE_USER_TRANSCRIPTION -> keep(speech, SPEECH, new Mark(atMillis, type, details(payload)));
            case PIPECATCALL_INITIALIZED,
                    TOOL_CALL_FINISHED,
                    ERROR_REPORTED,
                    RUNNER_LOST,
                    RUNNER_REPLACED,
                    TEAM_MEMBER_SWITCHED -> keep(trouble, TROUBLE, new Mark(atMillis, type, details(payload)));
            case PIPECATCALL_CREATED,
                    PIPECATCALL_TERMINATED,
                    MESSAGE_BOT_TRANSCRIPTION,
                    MESSAGE_USER_LLM,
                    MESSAGE_BOT_LLM_INTERMEDIATE,
                    MESSAGE_BOT_LLM,
                    MESSAGE_BOT_HEARD,
                    TOOL_CALL_STARTED,
                    METRICS_REPORTED,
                    DTMF_RECEIVED -> {}
        }
    }

    /** In the order of their times. */
    List<Mark> all() {
        List<Mark> all = new ArrayList<>(speech);
        all.addAll(trouble);
        all.sort(Comparator.comparingLong(Mark::atMillis));
        return all;
    }

    int leftOut() {
        return leftOut;
    }

    private void keep(Deque<Mark> marks, int most, Mark mark) {
        if (marks.size() == most) {
            marks.removeFirst();
            leftOut++;
        }
        marks.addLast(mark);
    }

    private static Map<String, Object> details(EventPayload payload) {
        Map<String, Object> details = new LinkedHashMap<>();
        switch (payload) {
            case Interruption interruption -> {
                details.put("heard_ms", interruption.heardMillis());
                details.put("dropped_ms", interruption.droppedMillis());
            }
            case ToolActivity tool -> {
                text(details, "name", tool.name());
                details.put("succeeded", tool.succeeded());
                details.put("took_ms", tool.tookMillis());
            }
            case RunnerChange change -> {
                details.put("attempt", (long) change.attempt());
                if (change.loss() == null) {
                    details.put("took_ms", change.tookMillis());
                } else {
                    details.put("reason", change.loss().wireName());
                    text(details, "message", change.message());
                }
            }
            case Problem problem -> {
                text(details, "source", problem.source());
                text(details, "message", problem.message());
                details.put("fatal", problem.fatal());
                if (problem.failure() != null) {
                    text(details, "part", problem.failure().part());
                    text(details, "provider", problem.failure().provider());
                    text(details, "kind", problem.failure().kind());
                    text(details, "action", problem.failure().action());
                    text(details, "to", problem.failure().to());
                }
            }
            default -> {}
        }
        return details;
    }

    private static void text(Map<String, Object> details, String key, String value) {
        if (!value.isEmpty()) {
            details.put(key, value.length() <= DETAIL_CHARS ? value : value.substring(0, DETAIL_CHARS) + "…");
        }
    }
}
