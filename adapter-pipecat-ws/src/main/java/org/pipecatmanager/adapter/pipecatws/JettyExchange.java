package org.pipecatmanager.adapter.pipecatws;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.UrlEncoded;
import org.jspecify.annotations.Nullable;

/** An exchange on Jetty's request and response. */
final class JettyExchange implements HttpExchange {
    private final Request request;
    private final Response response;
    private final byte[] body;
    private boolean answered;
    private @Nullable OutputStream stream;

    JettyExchange(Request request, Response response, byte[] body) {
        this.request = request;
        this.response = response;
        this.body = body;
    }

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String path() {
        String path = request.getHttpURI().getPath();
        return path == null ? "" : path;
    }

    @Override
    public String query() {
        String query = request.getHttpURI().getQuery();
        return query == null ? "" : query;
    }

    @Override
    public @Nullable String queryParameter(String name) {
        var parameters = new Fields();
        UrlEncoded.decodeTo(query(), parameters::add, StandardCharsets.UTF_8);
        return parameters.getValue(name);
    }

    @Override
    public @Nullable String header(String name) {
        return request.getHeaders().get(name);
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public InetSocketAddress peer() {
        return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress peer
                ? peer
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public void setHeader(String name, String value) {
        response.getHeaders().put(name, value);
    }

    @Override
    public void respond(int status, String contentType, byte[] content) throws IOException {
        begin(status, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        try (Blocker.Callback written = Blocker.callback()) {
            response.write(true, ByteBuffer.wrap(content), written);
            written.block();
        }
    }

    @Override
    public OutputStream stream(int status, String contentType) throws IOException {
        begin(status, contentType);
        OutputStream out = Content.Sink.asOutputStream(response);
        stream = out;
        return out;
    }

    private void begin(int status, String contentType) {
        if (answered) {
            throw new IllegalStateException("the request was answered already");
        }
        answered = true;
        response.setStatus(status);
        if (!contentType.isEmpty()) {
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        }
    }

    boolean isAnswered() {
        return answered;
    }

    /** After the handler: ends a stream it left open. */
    void finish() throws IOException {
        if (!answered) {
            throw new IllegalStateException(method() + " was not answered by its handler");
        }
        if (stream != null) {
            stream.close();
        }
    }
}
