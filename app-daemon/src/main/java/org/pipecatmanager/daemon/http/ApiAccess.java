package org.pipecatmanager.daemon.http;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;
import org.pipecatmanager.adapter.pipecatws.LegAccess;
import org.pipecatmanager.ports.model.Secret;
import org.pipecatmanager.ports.out.RequestException;
import org.pipecatmanager.ports.out.RequestException.Status;

/**
 * Who may use the control API.
 *
 * <p>With a token, whoever presents it. On loopback, whoever is on this machine, but not a web page open in a browser there: a
 * page that had its name resolve to this machine is given away by {@code Host}, any other by a {@code Content-Type} that it may
 * not send without asking first.
 *
 * <p>A caller over WebSocket passes by the same token; its page must be this host's own.
 *
 * @param token    {@code API_TOKEN}, empty for none
 * @param loopback whether the API listens on loopback only
 */
public record ApiAccess(Secret token, boolean loopback) implements LegAccess {
    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);
    private static final String BEARER = "bearer ";

    /**
     * Lets a request pass.
     *
     * @throws RequestException 401 or 403
     * @throws HttpRefusal      415
     */
    void check(HttpExchange exchange) {
        if (loopback) {
            checkHost(exchange.header("Host"));
            if (exchange.method().equals("POST")) {
                checkContentType(exchange.header("Content-Type"));
            }
        }
        if (!token.isEmpty() && !token.matches(presented(exchange.header("Authorization")))) {
            exchange.setHeader("WWW-Authenticate", "Bearer");
            throw new RequestException(
                    Status.UNAUTHENTICATED,
                    "API_TOKEN_NEEDED",
                    "the token is missing or wrong; send 'Authorization: Bearer' with the daemon's API_TOKEN");
        }
    }

    /** A page may only be one that this daemon served, or that is served under its name: browsers let any other connect, too. */
    @Override
    public void check(Secret presented, String host, String origin) {
        if (loopback) {
            checkHost(host);
        }
        if (!origin.isEmpty()
                && !origin.equalsIgnoreCase("http://" + host)
                && !origin.equalsIgnoreCase("https://" + host)) {
            throw new RequestException(
                    Status.PERMISSION_DENIED,
                    "FOREIGN_ORIGIN",
                    "the header Origin names another page than this host's; open the console under the daemon's own address");
        }
        if (!token.isEmpty() && !token.matches(presented.reveal())) {
            throw new RequestException(
                    Status.UNAUTHENTICATED,
                    "API_TOKEN_NEEDED",
                    "the token is missing or wrong; offer the subprotocol 'bearer.' with the daemon's API_TOKEN in base64url, or"
                            + " send 'Authorization: Bearer'");
        }
    }

    private static void checkHost(@Nullable String host) {
        if (host == null || !LOOPBACK_HOST.matcher(host).matches()) {
            throw new RequestException(
                    Status.PERMISSION_DENIED,
                    "FOREIGN_HOST",
                    "the header Host does not name this machine; the API listens on loopback: use http://127.0.0.1 or"
                            + " http://localhost with its port");
        }
    }

    private static void checkContentType(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        if (!type.equalsIgnoreCase("application/json")) {
            throw new HttpRefusal(
                    415, "CONTENT_TYPE", "the header Content-Type is not application/json; send it with every POST");
        }
    }

    private static String presented(@Nullable String authorization) {
        return authorization != null && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)
                ? authorization.substring(BEARER.length()).strip()
                : "";
    }
}
