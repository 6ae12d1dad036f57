package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.ports.in.LevelFeed;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.wire.LevelsWire;
import tools.jackson.databind.json.JsonMapper;

/** The levels of one call as server-sent events, ten a second, until the call ends or the client is gone. */
final class LevelStream {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private LevelStream() {}

    /**
     * Answers the request; returns when the stream is over.
     *
     * @throws IOException the client is gone
     */
    static void send(LevelFeed feed, PipecatcallId id, HttpExchange exchange) throws IOException {
        try (LevelFeed.Watch watch = feed.watch(id)) {
            exchange.setHeader("Cache-Control", "no-store");
            exchange.setHeader("X-Accel-Buffering", "no");
            try (OutputStream out = exchange.stream(200, "text/event-stream")) {
                long next = System.nanoTime();
                while (watch.isOpen()) {
                    next += PERIOD_NANOS;
                    awaitMoment(next);
                    String data = JsonMapper.shared().writeValueAsString(LevelsWire.toMap(watch.look()));
                    out.write(("event: levels\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            }
        }
    }

    private static void awaitMoment(long nanos) throws IOException {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                Thread.currentThread().interrupt();
                throw new IOException("the daemon stops");
            }
        }
    }
}
