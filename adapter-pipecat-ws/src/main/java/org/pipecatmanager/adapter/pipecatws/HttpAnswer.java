package org.pipecatmanager.adapter.pipecatws;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.wire.ErrorWire;
import tools.jackson.databind.json.JsonMapper;

/**
 * A refusal given before any library saw the request: {@code {"error": "…"}} to runners, the platform's error object to others,
 * then the end of the connection.
 *
 * @param headers besides length, type and close
 */
record HttpAnswer(int status, Map<String, ? extends @Nullable Object> body, Map<String, String> headers) {
    static HttpAnswer of(int status, String message) {
        return new HttpAnswer(status, Map.of("error", message), Map.of());
    }

    static HttpAnswer of(RequestException refusal) {
        HttpAnswer answer = new HttpAnswer(refusal.status().code(), ErrorWire.toMap(refusal), Map.of());
        return refusal.status() == RequestException.Status.UNAUTHENTICATED
                ? answer.with("WWW-Authenticate", "Bearer")
                : answer;
    }

    HttpAnswer with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new HttpAnswer(status, body, more);
    }

    ByteBuffer toBytes() {
        byte[] text = JsonMapper.shared().writeValueAsBytes(body);
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append(' ')
                .append(phrase())
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Type: application/json\r\nContent-Length: ").append(text.length);
        head.append("\r\nConnection: close\r\n\r\n");
        byte[] headBytes = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(headBytes.length + text.length)
                .put(headBytes)
                .put(text)
                .flip();
    }

    private String phrase() {
        return switch (status) {
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 426 -> "Upgrade Required";
            case 431 -> "Request Header Fields Too Large";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }
}
