package org.pipecatmanager.daemon.metrics;

import static org.pipecatmanager.daemon.metrics.Snapshots.counter;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What models wrote and which tools they were given, under the names that the platform's dashboards know. */
final class LanguageCounts {
    private final Tally flushExits = Tally.of(
            "pipecat_manager_llm_flush_exit",
            "Generations whose text is complete, by what completed it.",
            "reason",
            List.of("stopped_normal", "idle_watchdog", "terminate_force", "context_cancelled", "unknown"));
    private final Tally flushOutcomes = Tally.of(
            "pipecat_manager_llm_flush_finalize_outcome",
            "Calls that ended, by what became of an open generation.",
            "outcome",
            List.of("noop_never_started", "noop_already_done", "done", "timeout"));
    private final LongAdder idle = new LongAdder();
    private final LongAdder withoutTools = new LongAdder();
    private final LongAdder unknownTypes = new LongAdder();

    void flushExited(String reason) {
        flushExits.add(Labels.of("reason", reason));
    }

    void flushFinalized(String outcome) {
        flushOutcomes.add(Labels.of("outcome", outcome));
    }

    void idleWatchdogFired() {
        idle.increment();
    }

    void toolResolveFellBack() {
        withoutTools.increment();
    }

    void unknownAiTypeDenied() {
        unknownTypes.increment();
    }

    List<MetricSnapshot> snapshots() {
        return List.of(
                flushExits.snapshot(),
                flushOutcomes.snapshot(),
                counter(
                        "pipecat_manager_llm_idle_watchdog_fired",
                        "Generations that fell silent and were taken to be over.",
                        idle.sum()),
                counter(
                        "pipecat_manager_tool_resolve_fallback",
                        "Calls that went on without tools because theirs could not be looked up.",
                        withoutTools.sum()),
                counter(
                        "ai_manager_unknown_ai_type_tool_denial",
                        "Assistants of a type nobody knows, which are allowed no tools.",
                        unknownTypes.sum()));
    }
}
