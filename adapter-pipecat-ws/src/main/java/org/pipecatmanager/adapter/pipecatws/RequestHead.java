package org.pipecatmanager.adapter.pipecatws;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * As much of a request head as admission needs. Serving HTTP is the HTTP library's; this only finds the end of the head
 * and, when
 * it asks for a WebSocket, its fields.
 *
 * @param method  as sent
 * @param target  path and query as sent
 * @param version {@code HTTP/1.1}
 * @param fields  header lines as sent, without the request line
 */
record RequestHead(String method, String target, String version, List<String> fields) {
    private static final byte[] END = {'\r', '\n', '\r', '\n'};

    /** Where the head ends (the index after its empty line) in the first {@code length} bytes, or -1. */
    static int end(byte[] bytes, int length, int from) {
        for (int i = Math.max(0, from - END.length + 1); i + END.length <= length; i++) {
            if (Arrays.equals(bytes, i, i + END.length, END, 0, END.length)) {
                return i + END.length;
            }
        }
        return -1;
    }

    /** Reads a whole head; empty when its first line is not a request line. */
    static Optional<RequestHead> parse(byte[] bytes, int end) {
        List<String> lines =
                List.of(new String(bytes, 0, end - END.length, StandardCharsets.ISO_8859_1).split("\r\n", -1));
        String[] request = lines.getFirst().split(" ", -1);
        return request.length == 3
                ? Optional.of(new RequestHead(request[0], request[1], request[2], lines.subList(1, lines.size())))
                : Optional.empty();
    }

    /** The only value of a field; empty without one, and when there are several. */
    Optional<String> field(String name) {
        List<String> values = fields.stream()
                .filter(line -> line.length() > name.length()
                        && line.charAt(name.length()) == ':'
                        && line.regionMatches(true, 0, name, 0, name.length()))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList();
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }

    /** Whether a field's comma-separated value holds {@code token}, in any case. */
    boolean holds(String name, String token) {
        return values(name).stream()
                .anyMatch(each -> each.toLowerCase(Locale.ROOT).equals(token));
    }

    /** The parts of a field's comma-separated values, in order. */
    List<String> values(String name) {
        return fields.stream()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .flatMap(line -> Arrays.stream(line.substring(name.length() + 1).split(",", -1)))
                .map(String::strip)
                .toList();
    }

    boolean asksForWebSocket() {
        return holds("Upgrade", "websocket");
    }

    /** Path without query. */
    String path() {
        int question = target.indexOf('?');
        return question < 0 ? target : target.substring(0, question);
    }

    /** Query without question mark; empty without one. */
    String query() {
        int question = target.indexOf('?');
        return question < 0 ? "" : target.substring(question + 1);
    }
}
