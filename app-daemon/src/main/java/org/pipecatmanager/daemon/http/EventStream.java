package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.ports.in.EventFeed;
import org.pipecatmanager.ports.in.PipecatcallControl;
import org.pipecatmanager.ports.model.CallEvent;
import org.pipecatmanager.ports.model.EventType;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.PipecatcallStatus;
import org.pipecatmanager.ports.wire.EventWire;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events of one call as server-sent events: {@code id} is the sequence, {@code event} the type, {@code data} the envelope
 * and, which the platform's events do not have, {@code tm_event}: when it happened. Who comes late learns it no other way.
 *
 * <p>Ends after {@code pipecatcall_terminated}, and when the client takes events slower than they come: it resumes with
 * {@code Last-Event-ID}.
 */
final class EventStream {
    /** Events waiting for a slow client: what is replayed at most, and some more. */
    private static final int QUEUE = 4_096;

    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    /** The last event of a call that has ended is on its way for no longer than this. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final PipecatcallControl control;
    private final EventFeed feed;
    private final PipecatcallId id;
    private final BlockingQueue<CallEvent> waiting = new ArrayBlockingQueue<>(QUEUE);
    private volatile boolean overrun;

    EventStream(PipecatcallControl control, EventFeed feed, PipecatcallId id) {
        this.control = control;
        this.feed = feed;
        this.id = id;
    }

    /**
     * Answers the request; returns when the stream is over.
     *
     * @param after sequence of the last event the client has
     * @throws IOException the client is gone
     */
    void send(HttpExchange exchange, long after) throws IOException {
        boolean ended = hasEnded();
        exchange.setHeader("Cache-Control", "no-store");
        exchange.setHeader("X-Accel-Buffering", "no");
        try (var subscription = feed.subscribe(id, after, this::keep);
                OutputStream out = exchange.stream(200, "text/event-stream")) {
            write(out, ": events of " + id + "\n\n");
            while (true) {
                CallEvent event = next(ended ? LAST_WORDS : HEARTBEAT);
                if (event != null) {
                    write(out, text(event));
                    if (event.type() == EventType.PIPECATCALL_TERMINATED) {
                        return;
                    }
                } else if (ended || overrun || !subscription.isOpen()) {
                    return;
                } else {
                    write(out, ":\n\n");
                    ended = hasEnded();
                }
            }
        }
    }

    /** On the publishing thread. */
    private void keep(CallEvent event) {
        if (overrun || !waiting.offer(event)) {
            overrun = true;
        }
    }

    private @Nullable CallEvent next(Duration patience) throws IOException {
        try {
            return waiting.poll(overrun ? 0 : patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the daemon stops", e);
        }
    }

    private boolean hasEnded() {
        return control.get(id).status() == PipecatcallStatus.ENDED;
    }

    private static String text(CallEvent event) {
        String data = JsonMapper.shared().writeValueAsString(EventWire.toMapWithTime(event));
        return "id: " + event.sequence() + "\nevent: " + event.type().wireName() + "\ndata: " + data + "\n\n";
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
