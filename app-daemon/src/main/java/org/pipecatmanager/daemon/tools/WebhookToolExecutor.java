package org.pipecatmanager.daemon.tools;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.model.Pipecatcall;
import org.pipecatmanager.ports.model.ToolCall;
import org.pipecatmanager.ports.model.ToolDefinition;
import org.pipecatmanager.ports.model.ToolDefinition.Webhook;
import org.pipecatmanager.ports.model.ToolResult;
import org.pipecatmanager.ports.model.TraceContext;
import org.pipecatmanager.ports.out.OpenSpan;
import org.pipecatmanager.ports.out.ToolExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Carries a tool out by an HTTP request: {@code {pipecatcall_id, tool_call_id, name, arguments}} with an
 * {@code Idempotency-Key}; a 2xx answer with a JSON body is the result.
 *
 * <p>Each attempt has the webhook's timeout. Another attempt is made only where the first cannot have done harm unnoticed: the
 * connection failed, or the answer was 5xx or 429. Arguments, results and header values appear in no log line.
 */
public final class WebhookToolExecutor implements ToolExecutor, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookToolExecutor.class);
    private static final int MAX_RESULT_BYTES = 256 * 1024;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Before the second attempt; twice that before the third. With three retries 1.2 s, inside the runner's margin of 2 s. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /** What one attempt came to. */
    private record Attempt(ToolResult result, boolean again) {}

    @Override
    public ToolResult execute(Pipecatcall call, ToolDefinition tool, ToolCall toolCall) {
        Webhook webhook = tool.webhook();
        if (webhook == null) {
            return failed(toolCall, "has no webhook");
        }
        HttpRequest request = request(webhook, call, toolCall);
        for (int attempt = 1; ; attempt++) {
            Attempt outcome = attempt(request, webhook, toolCall);
            boolean last = !outcome.again() || attempt > webhook.retries();
            if (!outcome.result().succeeded()) {
                LOG.warn(
                        "call {}: tool call {}, attempt {} of {}: {}",
                        call.id(),
                        toolCall.id(),
                        attempt,
                        webhook.retries() + 1,
                        outcome.result().message());
            }
            if (last || !pause(attempt)) {
                return outcome.result();
            }
        }
    }

    private static HttpRequest request(Webhook webhook, Pipecatcall call, ToolCall toolCall) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("pipecatcall_id", call.id().toString());
        body.put("tool_call_id", toolCall.id());
        body.put("name", toolCall.name());
        body.put("arguments", toolCall.arguments());
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(webhook.url()))
                .timeout(webhook.timeout())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("Idempotency-Key", toolCall.id())
                .method(
                        webhook.method(),
                        HttpRequest.BodyPublishers.ofByteArray(
                                JsonMapper.shared().writeValueAsBytes(body)));
        OpenSpan.current().context().ifPresent(context -> request.header(TraceContext.HEADER, context.traceparent()));
        webhook.headers().forEach((name, value) -> request.setHeader(name, value.reveal()));
        return request.build();
    }

    private Attempt attempt(HttpRequest request, Webhook webhook, ToolCall toolCall) {
        var status = new AtomicInteger();
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, info -> {
            status.set(info.statusCode());
            return BodySubscribers.limiting(BodyHandlers.ofByteArray().apply(info), MAX_RESULT_BYTES);
        });
        try {
            HttpResponse<byte[]> response = answer.get(webhook.timeout().toMillis(), TimeUnit.MILLISECONDS);
            return answered(toolCall, response.statusCode(), response.body());
        } catch (TimeoutException e) {
            answer.cancel(true);
            return late(toolCall, webhook);
        } catch (ExecutionException e) {
            return broken(toolCall, webhook, status.get(), e.getCause());
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            return new Attempt(failed(toolCall, "was given up because the daemon stops"), false);
        }
    }

    private static Attempt answered(ToolCall toolCall, int status, byte[] body) {
        if (status / 100 != 2) {
            boolean again = status / 100 == 5 || status == TOO_MANY_REQUESTS;
            return new Attempt(failed(toolCall, "failed: its server answered " + status), again);
        }
        try {
            Object data = body.length == 0 ? null : JsonMapper.shared().readValue(body, Object.class);
            return new Attempt(ToolResult.success(toolCall.id(), data), false);
        } catch (JacksonException e) {
            return new Attempt(
                    failed(toolCall, "failed: its server answered " + body.length + " bytes that are not JSON"), false);
        }
    }

    private static Attempt broken(ToolCall toolCall, Webhook webhook, int status, @Nullable Throwable cause) {
        if (cause instanceof java.net.http.HttpTimeoutException && !(cause instanceof HttpConnectTimeoutException)) {
            return late(toolCall, webhook);
        }
        if (status / 100 == 2) {
            return new Attempt(
                    failed(toolCall, "failed: its answer broke off, or exceeds " + MAX_RESULT_BYTES + " bytes"), false);
        }
        boolean unreachable = cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException;
        return new Attempt(
                failed(
                        toolCall,
                        unreachable
                                ? "failed: its server cannot be reached"
                                : "failed: its server broke the connection"),
                cause instanceof IOException);
    }

    private static Attempt late(ToolCall toolCall, Webhook webhook) {
        return new Attempt(
                failed(
                        toolCall,
                        "failed: its server did not answer within "
                                + webhook.timeout().toMillis() + " ms"),
                false);
    }

    private static ToolResult failed(ToolCall toolCall, String how) {
        return ToolResult.failure(toolCall.id(), "the tool " + toolCall.name() + " " + how);
    }

    private static boolean pause(int attempt) {
        try {
            Thread.sleep(PAUSE.multipliedBy(attempt));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Gives up every attempt under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
