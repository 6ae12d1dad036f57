package org.pipecatmanager.ports.contract;

import java.util.List;
import org.pipecatmanager.ports.fake.SequentialIds;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.Dtmf;
import org.pipecatmanager.ports.model.EventPayload;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.Ids;
import org.pipecatmanager.ports.model.Interruption;
import org.pipecatmanager.ports.model.MemberSwitched;
import org.pipecatmanager.ports.model.MemberSwitched.Member;
import org.pipecatmanager.ports.model.Message;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.Problem;
import org.pipecatmanager.ports.model.RunnerChange;
import org.pipecatmanager.ports.model.RunnerLoss;
import org.pipecatmanager.ports.model.Speaking;
import org.pipecatmanager.ports.model.ToolActivity;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.model.TurnMetrics;

/** Events to test with. */
public final class Events {
    /** What all of them are part of. */
    public static final TraceContext TRACE =
            new TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    private Events() {}

    /** A final message of call {@code n}; its text is its sequence. */
    public static CallEvent message(long n, long sequence) {
        var message =
                new Message(SequentialIds.id(sequence), Calls.starting(n).ref(), Ids.ZERO, Long.toString(sequence), 0);
        return new CallEvent(Calls.id(n), sequence, EventType.MESSAGE_BOT_LLM, Calls.at(sequence), message, TRACE);
    }

    /** An event of any type of call {@code n}, with a payload that belongs to it. */
    public static CallEvent ofType(EventType type, long n, long sequence) {
        return new CallEvent(
                Calls.id(n), sequence, type, Calls.at(sequence), payload(type, Calls.starting(n), sequence), TRACE);
    }

    private static EventPayload payload(EventType type, Pipecatcall call, long sequence) {
        var ref = call.ref();
        return switch (type) {
            case PIPECATCALL_CREATED, PIPECATCALL_INITIALIZED, PIPECATCALL_TERMINATED -> call;
            case MESSAGE_BOT_LLM_INTERMEDIATE -> new Message(SequentialIds.id(sequence), ref, Ids.ZERO, "Hel", 1);
            case MESSAGE_USER_TRANSCRIPTION,
                    MESSAGE_BOT_TRANSCRIPTION,
                    MESSAGE_USER_LLM,
                    MESSAGE_BOT_LLM,
                    MESSAGE_BOT_HEARD -> new Message(SequentialIds.id(sequence), ref, Ids.ZERO, "Grüße 😀", 0);
            case TEAM_MEMBER_SWITCHED ->
                new MemberSwitched(ref, "to_support", member("sales", sequence), member("support", sequence + 1));
            case USER_STARTED_SPEAKING, USER_STOPPED_SPEAKING, BOT_STARTED_SPEAKING, BOT_STOPPED_SPEAKING ->
                new Speaking(ref);
            case BOT_INTERRUPTED -> new Interruption(ref, 1840, 260);
            case TOOL_CALL_STARTED -> new ToolActivity(ref, "t1", "weather", false, 0);
            case TOOL_CALL_FINISHED -> new ToolActivity(ref, "t1", "weather", true, 120);
            case METRICS_REPORTED -> new TurnMetrics(ref, List.of(new TurnMetrics.Sample("ttfb", "Llm#0", 0.25)));
            case RUNNER_LOST -> new RunnerChange(ref, 1, RunnerLoss.LINK_LOST, "it is gone", 0);
            case RUNNER_REPLACED -> new RunnerChange(ref, 1, null, "", 900);
            case DTMF_RECEIVED -> new Dtmf(ref, '#');
            case ERROR_REPORTED -> new Problem(ref, "runner", "it broke", false);
        };
    }

    private static Member member(String name, long n) {
        return new Member(SequentialIds.id(n).toString(), name, "openai.gpt-4o", "cartesia", "v1", "deepgram");
    }
}
