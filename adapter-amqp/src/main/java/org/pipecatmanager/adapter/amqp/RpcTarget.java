package org.pipecatmanager.adapter.amqp;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.ManagerException;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RpcMeter;
import org.pipecatmanager.ports.out.TimeSource;
import org.pipecatmanager.ports.wire.ErrorWire;

/**
 * One service that is asked: guarded by a breaker, counted, its answers read.
 *
 * <p><b>Threads.</b> Any that may block.
 *
 * <p><b>Failures.</b> {@link ManagerException}. Only what says something about the service counts for the breaker: no answer
 * in time, no queue. An error it answers shows that it is there, and our own way to the broker is no fault of its.
 */
final class RpcTarget {
    /** What reasons look like; anything else is not repeated. */
    private static final Pattern REASON = Pattern.compile("[A-Z0-9_]{1,64}");

    /** How a request gets its answer: {@link RpcClient#exchange}. */
    interface Exchange {
        RpcAnswer exchange(String queue, RpcCall request, Duration deadline) throws RpcFailure;
    }

    private final String name;
    private final Exchange exchange;
    private final Breakers breakers;
    private final RpcMeter meter;
    private final TimeSource time;

    /**
     * Makes one.
     *
     * @param name label in metrics and beginning of every complaint
     */
    RpcTarget(String name, Exchange exchange, RpcMeter meter, TimeSource time) {
        this.name = name;
        this.exchange = exchange;
        this.breakers = new Breakers(name, meter, time);
        this.meter = meter;
        this.time = time;
    }

    /**
     * Asks, and gives the answer whatever its status is.
     *
     * @param resource the path as a pattern, for metrics
     */
    RpcAnswer ask(String queue, RpcCall request, String resource, Duration deadline) {
        var breaker = breakers.of(queue);
        if (!breaker.tryAcquirePermission()) {
            meter.breakerRejected(name);
            throw new ManagerException(
                    ManagerException.Kind.UNREACHABLE,
                    name + ": " + request + " on " + queue + " was not sent: the last " + Breakers.FAILURES
                            + " requests were not answered; it is asked again " + Breakers.OPEN.toSeconds()
                            + " s after that",
                    null);
        }
        long asked = time.nanoTime();
        boolean judged = false;
        try (var span = RpcSpan.begin(name, request, resource)) {
            var answer = span.exchange(exchange, queue, request, deadline);
            judged = true;
            breaker.onSuccess(time.nanoTime() - asked, TimeUnit.NANOSECONDS);
            return answer;
        } catch (RpcFailure e) {
            judged = judge(breaker, e, time.nanoTime() - asked);
            throw e.toManagerException(name);
        } finally {
            if (!judged) {
                breaker.releasePermission();
            }
            meter.requested(name, resource, request.method(), Duration.ofNanos(time.nanoTime() - asked));
        }
    }

    /** Tells the breaker; false when the failure says nothing about the service. */
    private static boolean judge(CircuitBreaker breaker, RpcFailure failure, long tookNanos) {
        switch (failure.why()) {
            case TIMED_OUT, NO_QUEUE -> breaker.onError(tookNanos, TimeUnit.NANOSECONDS, failure);
            case UNREADABLE -> breaker.onSuccess(tookNanos, TimeUnit.NANOSECONDS);
            case NO_BROKER, TOO_MANY, INTERRUPTED -> {
                return false;
            }
        }
        return true;
    }

    /**
     * The value of a successful answer.
     *
     * @throws ManagerException it is an error, or cannot be read
     */
    <T> T read(RpcCall request, RpcAnswer answer, Function<Map<String, ?>, T> mapper) {
        succeeded(request, answer);
        var data = object(answer.data());
        if (data == null) {
            throw refused(request, "was answered " + answer.statusCode() + " without a JSON object as data");
        }
        try {
            return mapper.apply(data);
        } catch (RequestException e) {
            throw refused(request, "was answered with data that cannot be read: " + e.getMessage());
        }
    }

    /** Does nothing for a success. */
    void succeeded(RpcCall request, RpcAnswer answer) {
        if (!answer.isSuccess()) {
            throw new ManagerException(
                    answer.statusCode() == 404 ? ManagerException.Kind.NOT_FOUND : ManagerException.Kind.REFUSED,
                    name + ": " + request + " was answered " + answer.statusCode() + reason(answer),
                    null);
        }
    }

    private ManagerException refused(RpcCall request, String what) {
        return new ManagerException(ManagerException.Kind.REFUSED, name + ": " + request + " " + what, null);
    }

    /** The reason of a typed error, which is made for programs and holds nothing of anybody. */
    private static String reason(RpcAnswer answer) {
        var data = answer.dataType().equals(ErrorWire.DATA_TYPE) ? object(answer.data()) : null;
        return data != null
                        && data.get("reason") instanceof String reason
                        && REASON.matcher(reason).matches()
                ? " (" + reason + ")"
                : "";
    }

    /** The object of plain JSON, or null when it is something else. */
    @SuppressWarnings("unchecked") // what is read from JSON has texts for keys
    static @Nullable Map<String, ?> object(@Nullable Object data) {
        return data instanceof Map<?, ?> object ? (Map<String, ?>) object : null;
    }
}
