package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;

/**
 * Answers the HTTP requests on the runner's port that are not the runner's.
 *
 * <p><b>Threads.</b> Each request on a virtual thread of its own; may block.
 *
 * <p><b>Failures.</b> A {@link org.pipecatmanager.ports.out.RequestException} becomes its status and the error object
 * of the
 * platform ({@code status}, {@code reason}, {@code domain}, {@code message}); anything else 500, logged without the
 * request. An
 * {@link IOException} means that the client is gone.
 */
@FunctionalInterface
public interface HttpHandler {
    /** Answers one request: exactly one call of {@link HttpExchange#respond} or {@link HttpExchange#stream}. */
    void handle(HttpExchange exchange) throws IOException;
}
