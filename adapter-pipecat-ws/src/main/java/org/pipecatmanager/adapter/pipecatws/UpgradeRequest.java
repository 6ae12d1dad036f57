package org.pipecatmanager.adapter.pipecatws;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;

/**
 * What a head asks of the gate, or why it cannot ask. Pure.
 *
 * <p>Everything Java-WebSocket would refuse is refused here first, because it answers every refusal with 404.
 */
sealed interface UpgradeRequest {
    /** A well-formed request for a link. */
    record Wanted(PipecatcallId id, LinkDirection direction, Secret token) implements UpgradeRequest {}

    /** Not a request for a link. */
    record Refused(HttpAnswer answer, String counted) implements UpgradeRequest {}

    /** RFC 6455 §4.1: 16 bytes in base64. */
    Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

    static UpgradeRequest of(RequestHead head) {
        String[] path = head.path().split("/", -1);
        if (path.length != 3 || !path[0].isEmpty() || !path[2].equals("ws")) {
            return new Refused(HttpAnswer.of(404, "there is no WebSocket here; a link is at /{id}/ws"), "no_route");
        }
        Optional<PipecatcallId> id = RunnerPaths.id(path[1]);
        Optional<LinkDirection> direction = direction(head.query());
        List<String> wrong = new ArrayList<>();
        if (id.isEmpty()) {
            wrong.add("the id is not a lower-case UUID");
        }
        if (direction.isEmpty()) {
            wrong.add("direction is neither input nor output");
        }
        if (!head.method().equals("GET") || !head.version().equals("HTTP/1.1")) {
            wrong.add("an upgrade is a GET of HTTP/1.1");
        }
        if (!head.holds("Connection", "upgrade")) {
            wrong.add("Connection does not say upgrade");
        }
        if (!KEY.matcher(head.field("Sec-WebSocket-Key").orElse("")).matches()) {
            wrong.add("Sec-WebSocket-Key is not 16 bytes in base64");
        }
        if (head.holds("Transfer-Encoding", "chunked")
                || !head.field("Content-Length").orElse("0").equals("0")) {
            wrong.add("an upgrade has no body");
        }
        if (id.isEmpty() || direction.isEmpty() || !wrong.isEmpty()) {
            return new Refused(HttpAnswer.of(400, String.join("; ", wrong)), "malformed_upgrade");
        }
        if (!head.field("Sec-WebSocket-Version").orElse("").equals("13")) {
            return new Refused(
                    HttpAnswer.of(426, "Sec-WebSocket-Version is not 13").with("Sec-WebSocket-Version", "13"),
                    "malformed_upgrade");
        }
        return new Wanted(
                id.get(),
                direction.get(),
                RunnerPaths.bearer(head.field("Authorization").orElse("")));
    }

    /** No direction is both ways; a wrong or repeated one is none. */
    private static Optional<LinkDirection> direction(String query) {
        List<String> given = Arrays.stream(query.split("&", -1))
                .filter(each -> each.startsWith("direction="))
                .toList();
        if (given.isEmpty()) {
            return Optional.of(LinkDirection.BOTH);
        }
        return switch (String.join("&", given)) {
            case "direction=input" -> Optional.of(LinkDirection.INPUT);
            case "direction=output" -> Optional.of(LinkDirection.OUTPUT);
            default -> Optional.empty();
        };
    }
}
