package org.pipecatmanager.daemon.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pipecatmanager.ports.model.CallReport.Mark;
import org.pipecatmanager.ports.model.EventType;

/** How the call ended, and what the runner did meanwhile. */
final class EndRules {
    private static final String RUNNER_LOG = "see the runner's log for this call's id";

    /** What an end means, and what to do; ends that are as they should be are not among them. */
    private static final Map<String, List<String>> ENDS = Map.ofEntries(
            Map.entry(
                    "leg_timeout",
                    List.of(
                            "Asterisk never connected for this call",
                            "check the id and the address in the dialplan (on a platform AUDIOSOCKET_ADVERTISED_ADDRESS), the"
                                    + " firewall and AUDIOSOCKET_ALLOW; pipecat-control doctor")),
            Map.entry(
                    "runner_timeout",
                    List.of(
                            "the runner took the call and never connected back",
                            "check that it reaches HTTP_ADVERTISED_ADDRESS, with WebSocket upgrades; " + RUNNER_LOG)),
            Map.entry(
                    "leg_lost",
                    List.of(
                            "the caller's connection broke, or broke the protocol",
                            "see the daemon's log for this call's id, and Asterisk's of that time; pipecat-control doctor names"
                                    + " Asterisk's traps")),
            Map.entry("runner_lost", List.of("the runner was lost and could not be replaced", RUNNER_LOG)),
            Map.entry(
                    "runner_refused",
                    List.of(
                            "the runner refused the call",
                            "its words are above; full (503): more runners or workers; token: RUNNER_TOKEN; a provider:"
                                    + " pipecat-control providers")),
            Map.entry(
                    "lookup_failed",
                    List.of(
                            "another manager did not answer, or did not know what the call refers to",
                            "see ai-manager's and call-manager's logs, and pipecat_manager_circuitbreaker_state")),
            Map.entry(
                    "media_failed",
                    List.of("call-manager could not connect the call's media", "see call-manager's log for this id")),
            Map.entry(
                    "idle",
                    List.of(
                            "nobody spoke for IDLE_TIMEOUT",
                            "a caller who left the phone, or one-way audio: see the other causes; IDLE_TIMEOUT,"
                                    + " limits.idle_timeout")),
            Map.entry(
                    "max_duration",
                    List.of(
                            "the call reached MAX_DURATION",
                            "raise MAX_DURATION, or limits.max_duration of the agent")),
            Map.entry(
                    "shutdown",
                    List.of(
                            "the daemon was stopped, and the call did not end within DRAIN_TIMEOUT",
                            "stop daemons with time to drain, and give DRAIN_TIMEOUT what calls last")),
            Map.entry(
                    "host_lost",
                    List.of(
                            "the daemon that had the call died; nothing else is known of it",
                            "see its log, and the kernel's (out of memory); nothing is kept of the audio")),
            Map.entry(
                    "overloaded",
                    List.of(
                            "the daemon was full, or could not keep up with this call",
                            "see its log; more daemons, or docs/sizing.md; a database or broker that is away for long")),
            Map.entry(
                    "internal",
                    List.of("a defect of ours ended the call", "please report it, with the log of this call's id")));

    private EndRules() {}

    static Optional<Cause> ended(Evidence call) {
        List<String> meaning = ENDS.get(call.endReason());
        if (meaning == null) {
            return Optional.empty();
        }
        List<String> evidence =
                new ArrayList<>(List.of(Evidence.at(call.endMillis()) + " end_reason " + call.endReason()));
        call.marks(EventType.ERROR_REPORTED).stream()
                .filter(mark -> Boolean.TRUE.equals(mark.details().get("fatal")))
                .forEach(mark -> evidence.add(told(mark)));
        return Optional.of(Cause.of("ended_" + call.endReason(), meaning.getFirst(), evidence, meaning.getLast()));
    }

    static Optional<Cause> neverLive(Evidence call) {
        if (call.report() == null
                || call.endMillis() < 0
                || call.liveMillis() >= 0
                || ENDS.containsKey(call.endReason())) {
            return Optional.empty();
        }
        return Optional.of(Cause.hint(
                "never_live",
                "caller and bot never could hear each other",
                List.of(Evidence.at(call.endMillis()) + " end_reason " + call.endReason() + ", never initialized"),
                "the caller hung up early, or runner or leg came late: see RUNNER_TIMEOUT and"
                        + " pipecat_manager_session_setup_seconds"));
    }

    static Optional<Cause> runnerRestarted(Evidence call) {
        List<Mark> marks = call.marks(EventType.RUNNER_LOST, EventType.RUNNER_REPLACED);
        if (marks.isEmpty()) {
            return Optional.empty();
        }
        List<String> evidence = marks.stream()
                .map(mark -> mark.type() == EventType.RUNNER_LOST
                        ? Evidence.at(mark.atMillis()) + " runner_lost: " + detail(mark, "reason") + " "
                                + detail(mark, "message")
                        : Evidence.at(mark.atMillis()) + " runner_replaced, silence for " + detail(mark, "took_ms")
                                + " ms")
                .map(String::strip)
                .toList();
        return Optional.of(Cause.of(
                "runner_restarted",
                "the runner was lost in the middle of the call, and the bot was silent meanwhile",
                evidence,
                RUNNER_LOG + " (out of memory, a crash of a worker, a restart)"));
    }

    static Optional<Cause> providerErrors(Evidence call) {
        List<String> evidence = call.marks(EventType.ERROR_REPORTED).stream()
                .filter(mark -> mark.details().containsKey("part"))
                .map(EndRules::told)
                .toList();
        return evidence.isEmpty()
                ? Optional.empty()
                : Optional.of(Cause.of(
                        "provider_errors",
                        "a provider failed " + (evidence.size() == 1 ? "once" : evidence.size() + " times"),
                        evidence,
                        "authentication: its key; rate_limit, quota: your contract with it; stall, server, connectivity: its"
                                + " status page, and a fallback list of the agent (docs/providers.md)"));
    }

    static Optional<Cause> tools(Evidence call) {
        List<String> evidence = call.marks(EventType.TOOL_CALL_FINISHED).stream()
                .filter(mark -> Boolean.FALSE.equals(mark.details().get("succeeded"))
                        || number(mark, "took_ms") >= Limits.SLOW_TOOL_MILLIS)
                .map(mark -> Evidence.at(mark.atMillis()) + " tool " + detail(mark, "name")
                        + (Boolean.TRUE.equals(mark.details().get("succeeded")) ? " took " : " failed after ")
                        + number(mark, "took_ms") + " ms")
                .toList();
        return evidence.isEmpty()
                ? Optional.empty()
                : Optional.of(Cause.hint(
                        "tools",
                        "tools failed or were slow, and the caller waited for them",
                        evidence,
                        "see the service behind the tool; give it a waiting sentence, a time-out of its own"));
    }

    private static String told(Mark error) {
        StringBuilder text = new StringBuilder(Evidence.at(error.atMillis()));
        for (String key : List.of("source", "part", "provider", "kind", "action", "to")) {
            String value = detail(error, key);
            text.append(value.isEmpty() ? "" : " " + value);
        }
        String message = detail(error, "message");
        return text.append(message.isEmpty() ? "" : ": " + message).toString();
    }

    private static String detail(Mark mark, String key) {
        Object value = mark.details().get(key);
        return value == null ? "" : value.toString();
    }

    private static long number(Mark mark, String key) {
        return mark.details().get(key) instanceof Number number ? number.longValue() : 0;
    }
}
