package org.pipecatmanager.adapter.pipecatws;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.pipecatmanager.ports.model.AudioFormat;
import org.pipecatmanager.ports.model.LinkDirection;
import org.pipecatmanager.ports.model.PipecatcallId;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RequestException;

/**
 * What a head asks of the gate, or why it cannot ask. Pure.
 *
 * <p>Everything Java-WebSocket would refuse is refused here first, because it answers every refusal with 404.
 */
sealed interface UpgradeRequest {
    /** A well-formed request for a link. */
    record Wanted(PipecatcallId id, LinkDirection direction, Secret token) implements UpgradeRequest {}

    /**
     * A well-formed request for a caller's leg.
     *
     * @param token  what it presented, empty for nothing
     * @param host   header {@code Host}, empty without one
     * @param origin header {@code Origin}, which browsers send; empty without one
     */
    record Leg(PipecatcallId id, AudioFormat format, Secret token, String host, String origin)
            implements UpgradeRequest {}

    /** Not a request for anything there is. */
    record Refused(HttpAnswer answer, String counted) implements UpgradeRequest {}

    /** The subprotocol of a caller's leg: docs/protocol/browser-leg.md. */
    String LEG_PROTOCOL = "pipecat.audio.v1";
    /** Before a token, base64url without padding, as a subprotocol. */
    String TOKEN_PREFIX = "bearer.";

    /** What such refusals are counted as. */
    String MALFORMED = "malformed_upgrade";

    /** RFC 6455 §4.1: 16 bytes in base64. */
    Pattern KEY = Pattern.compile("[A-Za-z0-9+/]{22}==");

    static UpgradeRequest of(RequestHead head) {
        String[] path = head.path().split("/", -1);
        if (path.length == 3 && path[0].isEmpty() && path[2].equals("ws")) {
            return link(head, path[1]);
        }
        if (path.length == 5
                && path[0].isEmpty()
                && path[1].equals("v1")
                && path[2].equals("pipecatcalls")
                && path[4].equals("audio")) {
            return leg(head, path[3]);
        }
        return new Refused(
                HttpAnswer.of(
                        404,
                        "there is no WebSocket here; a runner's link is at /{id}/ws, a caller's leg at"
                                + " /v1/pipecatcalls/{id}/audio"),
                "no_route");
    }

    private static UpgradeRequest link(RequestHead head, String idText) {
        Optional<PipecatcallId> id = RunnerPaths.id(idText);
        Optional<LinkDirection> direction = direction(head.query());
        List<String> wrong = handshakeFaults(head);
        if (direction.isEmpty()) {
            wrong.addFirst("direction is neither input nor output");
        }
        if (id.isEmpty()) {
            wrong.addFirst("the id is not a lower-case UUID");
        }
        if (id.isEmpty() || direction.isEmpty() || !wrong.isEmpty()) {
            return new Refused(HttpAnswer.of(400, String.join("; ", wrong)), MALFORMED);
        }
        return isVersion13(head)
                ? new Wanted(
                        id.get(),
                        direction.get(),
                        RunnerPaths.bearer(head.field("Authorization").orElse("")))
                : otherVersion();
    }

    private static UpgradeRequest leg(RequestHead head, String idText) {
        Optional<PipecatcallId> id = RunnerPaths.id(idText);
        Optional<AudioFormat> format = format(head.query());
        List<String> offered = head.values("Sec-WebSocket-Protocol");
        List<String> wrong = handshakeFaults(head);
        if (!offered.contains(LEG_PROTOCOL)) {
            wrong.addFirst("Sec-WebSocket-Protocol does not offer " + LEG_PROTOCOL);
        }
        if (format.isEmpty()) {
            wrong.addFirst("rate is neither 8000 nor 16000");
        }
        if (id.isEmpty()) {
            wrong.addFirst("the id is not a lower-case UUID");
        }
        if (id.isEmpty() || format.isEmpty() || !wrong.isEmpty()) {
            var refusal = RequestException.invalid("MALFORMED_UPGRADE", String.join("; ", wrong));
            return new Refused(HttpAnswer.of(refusal), MALFORMED);
        }
        return isVersion13(head)
                ? new Leg(
                        id.get(),
                        format.get(),
                        legToken(head, offered),
                        head.field("Host").orElse(""),
                        head.field("Origin").orElse(""))
                : otherVersion();
    }

    /** A browser can send no header with a WebSocket, so the token may be a subprotocol. */
    private static Secret legToken(RequestHead head, List<String> offered) {
        for (String each : offered) {
            if (each.startsWith(TOKEN_PREFIX)) {
                try {
                    byte[] token = Base64.getUrlDecoder().decode(each.substring(TOKEN_PREFIX.length()));
                    return Secret.of(new String(token, StandardCharsets.UTF_8));
                } catch (IllegalArgumentException e) {
                    return Secret.of("");
                }
            }
        }
        return RunnerPaths.bearer(head.field("Authorization").orElse(""));
    }

    /** What Java-WebSocket would not take. */
    private static List<String> handshakeFaults(RequestHead head) {
        List<String> wrong = new ArrayList<>();
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
        return wrong;
    }

    private static boolean isVersion13(RequestHead head) {
        return head.field("Sec-WebSocket-Version").orElse("").equals("13");
    }

    private static Refused otherVersion() {
        return new Refused(
                HttpAnswer.of(426, "Sec-WebSocket-Version is not 13").with("Sec-WebSocket-Version", "13"), MALFORMED);
    }

    /** No rate is 16 kHz; a wrong or repeated one is none. */
    private static Optional<AudioFormat> format(String query) {
        return switch (given(query, "rate=")) {
            case "", "rate=16000" -> Optional.of(AudioFormat.SLIN_16K);
            case "rate=8000" -> Optional.of(AudioFormat.SLIN_8K);
            default -> Optional.empty();
        };
    }

    /** No direction is both ways; a wrong or repeated one is none. */
    private static Optional<LinkDirection> direction(String query) {
        return switch (given(query, "direction=")) {
            case "" -> Optional.of(LinkDirection.BOTH);
            case "direction=input" -> Optional.of(LinkDirection.INPUT);
            case "direction=output" -> Optional.of(LinkDirection.OUTPUT);
            default -> Optional.empty();
        };
    }

    private static String given(String query, String name) {
        return Arrays.stream(query.split("&", -1))
                .filter(each -> each.startsWith(name))
                .collect(Collectors.joining("&"));
    }
}
