package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Plain HTTP, by Jetty, on sockets the link loops hand over. A request is read whole, then handled on a virtual thread
 * of its own;
 * every answer closes its connection.
 */
final class HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(HttpService.class);
    /** One selector, its successor, and room for Jetty's own short tasks; requests run on virtual threads. */
    private static final int JETTY_THREADS = 8;

    private static final String JSON_TYPE = "application/json";

    private final Server server;
    private final AdoptingConnector connector;
    private final ExecutorService requests = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("http-", 0).factory());
    private final HttpHandler handler;
    private final PipecatWsConfig config;

    HttpService(PipecatWsConfig config, HttpHandler handler) {
        this.config = config;
        this.handler = handler;
        var threads = new QueuedThreadPool(JETTY_THREADS, 2);
        threads.setName("http-io");
        threads.setDaemon(true);
        server = new Server(threads);
        var http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(PipecatWsConfig.MAX_HEAD_BYTES);
        http.setInputBufferSize(PipecatWsConfig.MAX_HEAD_BYTES);
        http.setPersistentConnectionsEnabled(false);
        connector = new AdoptingConnector(server, new HttpConnectionFactory(http));
        connector.setIdleTimeout(config.bodyTimeout().toMillis());
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract.NonBlocking() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                accept(request, response, callback);
                return true;
            }
        });
        server.setErrorHandler((request, response, callback) -> {
            if (response.getStatus() < 500) {
                error(
                        response,
                        callback,
                        Status.INVALID_ARGUMENT,
                        response.getStatus(),
                        "BAD_REQUEST",
                        "this is not HTTP");
            } else {
                error(response, callback, Status.INTERNAL, response.getStatus(), "INTERNAL", "the request was cut");
            }
            return true;
        });
        server.setStopTimeout(0);
    }

    void start() throws IOException {
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the HTTP library did not start", e);
        }
    }

    /**
     * Lets the requests there are be answered for a close time-out, such as a stream whose last event has just happened, and
     * cuts the rest. Blocks.
     */
    void close() {
        requests.shutdown();
        try {
            if (!requests.awaitTermination(config.closeTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("HTTP requests were not answered within {} and are cut", config.closeTimeout());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("the HTTP library did not stop in order", e);
        }
        requests.shutdownNow();
    }

    /** Serves a socket; any thread. */
    void adopt(SocketChannel channel, ByteBuffer received, Runnable onGone) {
        connector.adopt(channel, received, onGone);
    }

    /** Reads the body, bounded in size and time, before a thread is spent on the request. */
    private void accept(Request request, Response response, Callback callback) {
        if (request.getLength() > PipecatWsConfig.MAX_MESSAGE_BYTES) {
            tooLarge(response, callback);
            return;
        }
        var read = new CompletableFuture<byte[]>();
        request.addIdleTimeoutListener(timeout -> !read.isDone());
        try {
            requests.execute(() -> readAndHandle(request, response, callback, read));
        } catch (RejectedExecutionException e) {
            error(response, callback, Status.UNAVAILABLE, 503, "STOPPING", "the daemon stops");
        }
    }

    private void readAndHandle(Request request, Response response, Callback callback, CompletableFuture<byte[]> read) {
        byte[] body;
        try {
            Content.Source.asByteArrayAsync(
                    request,
                    PipecatWsConfig.MAX_MESSAGE_BYTES,
                    Promise.Invocable.from(InvocationType.NON_BLOCKING, read::complete, read::completeExceptionally));
            body = read.get(config.bodyTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalStateException) {
                tooLarge(response, callback);
            } else if (e.getCause()
                    instanceof TimeoutException) { // the connection's own clock, set to the same time, was first
                bodyTimedOut(response, callback);
            } else {
                callback.failed(e.getCause());
            }
            return;
        } catch (TimeoutException e) {
            bodyTimedOut(response, callback);
            return;
        } catch (InterruptedException e) {
            callback.failed(e);
            return;
        }
        handle(new JettyExchange(request, response, body), response, callback);
    }

    private void bodyTimedOut(Response response, Callback callback) {
        String limit = "the body did not arrive within " + config.bodyTimeout();
        error(response, callback, Status.INVALID_ARGUMENT, 408, "BODY_TIMEOUT", limit);
    }

    private void handle(JettyExchange exchange, Response response, Callback callback) {
        try {
            handler.handle(exchange);
            exchange.finish();
            callback.succeeded();
        } catch (RequestException e) {
            failed(
                    exchange,
                    response,
                    callback,
                    e.status(),
                    e.status().code(),
                    e.reason(),
                    String.valueOf(e.getMessage()),
                    e);
        } catch (IOException e) {
            LOG.debug("an HTTP client was gone before its answer", e);
            callback.failed(e);
        } catch (RuntimeException e) {
            LOG.error("{} failed on a defect of ours", exchange.method(), e);
            failed(
                    exchange,
                    response,
                    callback,
                    Status.INTERNAL,
                    500,
                    "INTERNAL",
                    "the request failed; see the daemon's log",
                    e);
        }
    }

    private static void failed(
            JettyExchange exchange,
            Response response,
            Callback callback,
            Status status,
            int code,
            String reason,
            String message,
            Throwable cause) {
        if (exchange.isAnswered()) {
            callback.failed(cause);
        } else {
            error(response, callback, status, code, reason, message);
        }
    }

    private static void tooLarge(Response response, Callback callback) {
        error(
                response,
                callback,
                Status.INVALID_ARGUMENT,
                413,
                "BODY_TOO_LARGE",
                "the body exceeds " + PipecatWsConfig.MAX_MESSAGE_BYTES + " bytes");
    }

    private static void error(
            Response response, Callback callback, Status status, int code, String reason, String message) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", status.name());
        body.put("reason", reason);
        body.put("domain", "pipecat-manager");
        body.put("message", message);
        response.setStatus(code);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON_TYPE);
        response.write(
                true,
                ByteBuffer.wrap(JsonMapper.shared().writeValueAsString(body).getBytes(StandardCharsets.UTF_8)),
                callback);
    }
}
