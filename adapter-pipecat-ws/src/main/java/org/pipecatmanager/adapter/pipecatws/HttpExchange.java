package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request and its answer. Used by the one thread that handles it.
 *
 * <p>Every answer closes its connection: a client that keeps connections would send a WebSocket upgrade on one of them,
 * where
 * it could not be admitted by its head.
 */
public interface HttpExchange {
    /** Upper case. */
    String method();

    /** Path as it was sent, without query. */
    String path();

    /** Everything after the question mark as it was sent; empty without one. */
    String query();

    /** The first value of a query parameter, decoded; null without one. */
    @Nullable
    String queryParameter(String name);

    /** The first value of a header, name in any case; null without one. */
    @Nullable
    String header(String name);

    /**
     * The whole body, at most {@link PipecatWsConfig#MAX_MESSAGE_BYTES} (more was answered 413); the caller may keep
     * it.
     */
    byte[] body();

    /** Who asks. */
    InetSocketAddress peer();

    /** Sets a header of the answer; before answering. */
    void setHeader(String name, String value);

    /**
     * Answers.
     *
     * @param contentType empty for an answer without a body
     * @throws IOException           the client is gone
     * @throws IllegalStateException when answered already
     */
    void respond(int status, String contentType, byte[] body) throws IOException;

    /**
     * Answers piece by piece: each write leaves at once. Silence between writes may last; the next write finds out
     * whether the
     * client is still there. Close it to end the answer; returning from the handler does so too.
     *
     * @throws IOException           the client is gone
     * @throws IllegalStateException when answered already
     */
    OutputStream stream(int status, String contentType) throws IOException;
}
