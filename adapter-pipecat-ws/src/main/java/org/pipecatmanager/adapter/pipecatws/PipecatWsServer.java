package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.in.RunnerGate;
import org.pipecatmanager.ports.in.RunnerGate.LinkAdmission;
import org.pipecatmanager.ports.in.ToolCallbacks;
import org.pipecatmanager.ports.out.ConnectionMeter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's port for its runners and its HTTP clients.
 *
 * <ul>
 *   <li>{@code GET /{id}/ws} with an upgrade, optionally {@code ?direction=input|output}: a link. Admission is decided
 * on the request
 *       head: 400 malformed, 401 token, 404 no session, 409 taken.
 *   <li>{@code POST /{id}/tools} and {@code /{id}/member-switched}: the runner's callbacks.
 *   <li>{@code GET /v1/pipecatcalls/{id}/audio} with an upgrade: a caller's leg, where {@link BrowserLegs} are given.
 *   <li>everything else: the daemon's {@link HttpHandler}.
 * </ul>
 *
 * <p><b>Threads.</b> One accepts, {@link PipecatWsConfig#loops} carry heads and links, a few serve HTTP, each HTTP
 * request has a
 * virtual thread. {@link #start} and {@link #close} from any thread.
 *
 * <p><b>Counting.</b> {@code http} counts every connection from accept to its end, an upgrade being one end ({@code
 * upgraded});
 * {@code links} counts links, their reasons are {@link org.pipecatmanager.ports.model.LinkEnd.Cause} in lower case.
 */
public final class PipecatWsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipecatWsServer.class);
    /**
     * A stalled reader shall stall our queue, which drops old audio, before it fills the kernel with it: half a second
     * at 16 kHz.
     */
    private static final int SEND_BUFFER_BYTES = 16 * 1024;
    /** How long accepting pauses when the process has no descriptor left. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final PipecatWsConfig config;
    private final RunnerGate gate;
    private final ConnectionMeter links;
    private final ConnectionMeter http;
    private final HttpService httpService;
    private final List<LinkLoop> loops = new ArrayList<>();
    private final @Nullable BrowserDoor door;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ServerSocketChannel listener;
    private final Thread acceptor;

    private PipecatWsServer(
            PipecatWsConfig config,
            RunnerGate gate,
            HttpHandler handler,
            @Nullable BrowserLegs legs,
            ConnectionMeter links,
            ConnectionMeter http)
            throws IOException {
        this.config = config;
        this.gate = gate;
        this.links = links;
        this.http = http;
        this.httpService = new HttpService(config, handler);
        for (int i = 0; i < config.loops(); i++) {
            loops.add(new LinkLoop("runner-links-" + i));
        }
        door = legs == null ? null : new BrowserDoor(legs, config);
        listener = ServerSocketChannel.open();
        acceptor = Thread.ofPlatform().name("runner-accept").daemon(true).unstarted(this::acceptAll);
    }

    /**
     * Makes a server that does not listen yet.
     *
     * @param others the daemon's other routes
     * @param links  counts links
     * @param http   counts connections
     * @throws IOException the process has no descriptor left
     */
    public static PipecatWsServer create(
            PipecatWsConfig config,
            RunnerGate gate,
            ToolCallbacks callbacks,
            HttpHandler others,
            ConnectionMeter links,
            ConnectionMeter http)
            throws IOException {
        return create(config, gate, callbacks, others, null, links, http);
    }

    /**
     * The same, with callers over WebSocket.
     *
     * @param legs null for none
     * @throws IOException the process has no descriptor left
     */
    public static PipecatWsServer create(
            PipecatWsConfig config,
            RunnerGate gate,
            ToolCallbacks callbacks,
            HttpHandler others,
            @Nullable BrowserLegs legs,
            ConnectionMeter links,
            ConnectionMeter http)
            throws IOException {
        return new PipecatWsServer(config, gate, new RunnerCallbacks(callbacks, others), legs, links, http);
    }

    /**
     * Listens and serves; once.
     *
     * @throws IOException the address cannot be listened on
     */
    public void start() throws IOException {
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(config.address(), PipecatWsConfig.BACKLOG);
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + config.address() + ": " + e.getMessage()
                            + "; is another daemon running, or HTTP_LISTEN_ADDRESS not of this machine?",
                    e);
        }
        httpService.start();
        loops.forEach(LinkLoop::start);
        if (door != null) {
            door.loop().start();
        }
        acceptor.start();
    }

    /** Where it listens; with the real port when 0 was asked for. After {@link #start}. */
    public InetSocketAddress address() {
        try {
            if (listener.getLocalAddress() instanceof InetSocketAddress address) {
                return address;
            }
        } catch (IOException e) {
            throw new IllegalStateException("the server is closed", e);
        }
        throw new IllegalStateException("the server was not started");
    }

    /**
     * Stops accepting, closes every link with 1001, lets HTTP requests be answered for a close time-out, cuts what is left
     * and ends every thread; idempotent. Blocks for at most a few close time-outs.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        Sockets.close(listener);
        long millis = config.closeTimeout().toMillis() + TimeUnit.SECONDS.toMillis(1);
        List<LinkLoop> all = new ArrayList<>(loops);
        if (door != null) {
            all.add(door.loop());
        }
        all.forEach(LinkLoop::stopConnections);
        all.forEach(loop -> loop.close(millis));
        httpService.close();
        try {
            acceptor.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- accepting

    private void acceptAll() {
        int next = 0;
        while (listener.isOpen()) {
            try {
                SocketChannel channel = listener.accept();
                LinkLoop loop = loops.get(next);
                next = (next + 1) % loops.size();
                loop.execute(() -> begin(loop, channel));
            } catch (AsynchronousCloseException e) {
                LOG.debug("accepting ended", e);
            } catch (ClosedChannelException e) {
                LOG.debug("accepting had ended", e);
            } catch (IOException e) {
                LOG.warn("a connection could not be accepted: {}", e.getMessage());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** On the loop that is to own the socket. */
    private void begin(LinkLoop loop, SocketChannel channel) {
        http.opened();
        SelectionKey key;
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER_BYTES);
            key = loop.register(channel);
        } catch (IOException e) {
            Sockets.close(channel);
            http.closed("head_unfinished");
            return;
        }
        var onward = new Admission();
        if (open.incrementAndGet() > config.maxConnections()) {
            onward.refused(
                    key, HttpAnswer.of(503, "all " + config.maxConnections() + " connections are taken"), "overloaded");
            return;
        }
        key.attach(new HeadConnection(
                loop, key, onward, System.nanoTime() + config.headTimeout().toNanos()));
    }

    /** The connection's way from its head on; every way gives its place back once. */
    private final class Admission implements HeadConnection.Onward, BrowserDoor.Visitor {
        @Override
        public void http(SocketChannel channel, ByteBuffer received) {
            httpService.adopt(channel, received, () -> gone("served"));
        }

        @Override
        public void upgrade(
                UpgradeRequest.Wanted wanted, LinkLoop loop, SelectionKey key, ByteBuffer received, int headBytes)
                throws IOException {
            LinkAdmission admission;
            try {
                admission = gate.admit(wanted.id(), wanted.direction(), wanted.token());
            } catch (RuntimeException e) {
                LOG.error("the gate failed for {}", wanted.id(), e);
                refused(key, HttpAnswer.of(500, "the daemon failed to decide; see its log"), "gate_failed");
                return;
            }
            switch (admission) {
                case LinkAdmission.Refused(RunnerGate.Refusal reason) ->
                    refused(key, refusal(reason), "refused_" + reason.httpStatus());
                case LinkAdmission.Admitted(RunnerGate.Listener runner) -> {
                    http.closed("upgraded");
                    var admitted = new WebSocketConnection.Admitted(
                            "link of " + wanted.id(), loop, key, config, links, open::decrementAndGet);
                    new PipecatWsLink(wanted.direction(), runner, admitted).open(received, headBytes);
                }
            }
        }

        @Override
        public void leg(UpgradeRequest.Leg wanted, SelectionKey key, ByteBuffer received, int headBytes) {
            if (door == null) {
                refused(key, HttpAnswer.of(404, "this daemon takes no callers over WebSocket"), "no_route");
                return;
            }
            key.attach(null);
            key.cancel();
            door.knock(wanted, (SocketChannel) key.channel(), received, headBytes, this);
        }

        @Override
        public void upgraded() {
            http.closed("upgraded");
        }

        @Override
        public void left() {
            open.decrementAndGet();
        }

        @Override
        public void refused(SelectionKey key, HttpAnswer answer, String counted) {
            LingeringConnection.end(key, answer.toBytes(), config.closeTimeout().toNanos(), () -> gone(counted));
        }

        @Override
        public void gone(String counted) {
            open.decrementAndGet();
            http.closed(counted);
        }

        private static HttpAnswer refusal(RunnerGate.Refusal reason) {
            return switch (reason) {
                case UNAUTHORIZED ->
                    HttpAnswer.of(401, "the link's token is missing or wrong").with("WWW-Authenticate", "Bearer");
                case NO_SESSION -> HttpAnswer.of(404, "there is no such session, or it is ending");
                case TAKEN -> HttpAnswer.of(409, "that direction has its socket");
            };
        }
    }
}
