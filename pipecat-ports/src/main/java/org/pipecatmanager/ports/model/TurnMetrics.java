package org.pipecatmanager.ports.model;

import java.util.List;

/** Latencies and usage the runner reported. */
public record TurnMetrics(SessionRef ref, List<Sample> samples) implements EventPayload {
    public TurnMetrics {
        samples = List.copyOf(samples);
    }

    /**
     * One figure.
     *
     * @param kind      {@code ttfb}, {@code processing}, {@code tokens}, {@code characters}, …
     * @param processor the pipecat processor it belongs to
     * @param value     seconds for latencies, counts otherwise
     */
    public record Sample(String kind, String processor, double value) {}
}
