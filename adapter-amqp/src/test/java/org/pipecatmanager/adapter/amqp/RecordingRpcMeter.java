package org.pipecatmanager.adapter.amqp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.pipecatmanager.ports.out.RpcMeter;

/** Remembers what was counted, as lines in order. Safe for all threads. */
final class RecordingRpcMeter implements RpcMeter {
    final List<String> lines = new CopyOnWriteArrayList<>();
    final AtomicInteger published = new AtomicInteger();
    final AtomicInteger retried = new AtomicInteger();
    final AtomicInteger dropped = new AtomicInteger();

    @Override
    public void requested(String target, String resource, String method, Duration took) {
        lines.add("requested " + target + " " + method + " " + resource + " " + took.toMillis());
    }

    @Override
    public void breakerMoved(String target, String from, String to) {
        lines.add("moved " + target + " " + from + " " + to);
    }

    @Override
    public void breakerRejected(String target) {
        lines.add("rejected " + target);
    }

    @Override
    public void eventPublished(String type, Duration took) {
        published.incrementAndGet();
    }

    @Override
    public void eventRetried(String type) {
        retried.incrementAndGet();
    }

    @Override
    public void eventDropped(String type) {
        dropped.incrementAndGet();
    }
}
