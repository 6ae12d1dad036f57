package org.pipecatmanager.ports.fake;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.pipecatmanager.ports.model.Span;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.Spans;

/** Keeps every span, once it was asked to want them. */
public final class RecordingSpans implements Spans {
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private volatile boolean wanted;

    /** Wants the spans of sampled traces from now on. */
    public RecordingSpans want() {
        wanted = true;
        return this;
    }

    @Override
    public boolean records(TraceContext trace) {
        return wanted && trace.isSampled();
    }

    @Override
    public void ended(Span span) {
        spans.add(span);
    }

    /** In the order in which they ended. */
    public List<Span> all() {
        return List.copyOf(spans);
    }

    /** The only one of this name. */
    public Span only(String name) {
        List<Span> found =
                spans.stream().filter(span -> span.name().equals(name)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " spans are named '" + name + "': "
                    + spans.stream().map(Span::name).toList());
        }
        return found.getFirst();
    }

    /** The name of the span that caused this one; empty for none of ours. */
    public Optional<String> parentOf(Span child) {
        return spans.stream()
                .filter(span -> child.parent() != null
                        && span.context().spanId().equals(child.parent().spanId()))
                .map(Span::name)
                .findFirst();
    }
}
