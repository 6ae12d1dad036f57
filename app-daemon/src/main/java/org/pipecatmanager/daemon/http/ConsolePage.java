package org.pipecatmanager.daemon.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pipecatmanager.adapter.pipecatws.HttpExchange;

/**
 * The console's page under {@code /console/}, from the jar. Everybody may have it: it holds nothing of any call, and asks the
 * API for the rest, with the token where one is needed.
 *
 * <p>Safe for all threads. Files are read at their first request and kept.
 */
final class ConsolePage {
    private static final String ROOT = "/console";
    /** Where dev/console.sh puts it. */
    private static final String RESOURCES = "/console/";
    /** What there is, and its type; nothing else can be named. */
    private static final Map<String, String> TYPES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "console.js", "text/javascript; charset=utf-8",
            "capture.js", "text/javascript; charset=utf-8",
            "playback.js", "text/javascript; charset=utf-8",
            "console.css", "text/css; charset=utf-8",
            "icon.svg", "image/svg+xml");
    /** Nothing from anywhere else and nothing inline; blob: is the recording, which an audio element cannot fetch with a token. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final Files files;
    private final Map<String, Content> contents = new ConcurrentHashMap<>();

    /** A file. */
    private static final class Content {
        final byte[] bytes;
        /** The hash that names its version. */
        final String tag;

        Content(byte[] bytes, String tag) {
            this.bytes = bytes;
            this.tag = tag;
        }
    }

    /** Opens a file of the page; null when it is not there. */
    interface Files {
        @Nullable
        InputStream open(String name);
    }

    ConsolePage(Files files) {
        this.files = files;
    }

    /** The one in the jar. */
    static ConsolePage packaged() {
        return new ConsolePage(name -> ConsolePage.class.getResourceAsStream(RESOURCES + name));
    }

    /** Whether the page answers at this path. A browser that asks for the root means the page, others get the API's answer. */
    static boolean has(HttpExchange exchange) {
        String path = exchange.path();
        return path.equals(ROOT) || path.startsWith(ROOT + "/") || (path.equals("/") && isBrowser(exchange));
    }

    private static boolean isBrowser(HttpExchange exchange) {
        String accept = exchange.header("Accept");
        return accept != null && accept.contains("text/html");
    }

    /**
     * Answers.
     *
     * @throws HttpRefusal 404 or 405
     * @throws IOException the client is gone
     */
    void answer(HttpExchange exchange) throws IOException {
        if (!exchange.method().equals("GET")) {
            exchange.setHeader("Allow", "GET");
            throw new HttpRefusal(405, "METHOD", "the console is read with GET");
        }
        String path = exchange.path();
        if (!path.startsWith(ROOT + "/")) {
            // Relative, so that a proxy may put the daemon under a prefix.
            exchange.setHeader("Location", "console/");
            exchange.respond(307, "", new byte[0]);
            return;
        }
        String name = path.substring(ROOT.length() + 1);
        String file = name.isEmpty() ? "index.html" : name;
        String type = TYPES.get(file);
        if (type == null) {
            throw new HttpRefusal(404, "NO_ROUTE", "the console has no such file; it begins at /console/");
        }
        send(exchange, type, contents.computeIfAbsent(file, this::read));
    }

    private static void send(HttpExchange exchange, String type, Content content) throws IOException {
        exchange.setHeader("Cache-Control", "no-cache");
        exchange.setHeader("ETag", content.tag);
        exchange.setHeader("Content-Security-Policy", POLICY);
        exchange.setHeader("Permissions-Policy", "microphone=(self), camera=(), geolocation=()");
        exchange.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        exchange.setHeader("Referrer-Policy", "no-referrer");
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        if (content.tag.equals(exchange.header("If-None-Match"))) {
            exchange.respond(304, "", new byte[0]);
        } else {
            exchange.respond(200, type, content.bytes);
        }
    }

    private Content read(String file) {
        try (InputStream in = files.open(file)) {
            if (in == null) {
                throw new HttpRefusal(
                        404,
                        "CONSOLE_NOT_BUILT",
                        "this daemon was built without its console; build it with 'make build', which needs Node.js 18 or"
                                + " newer, and start it again. The API is complete without it");
            }
            byte[] bytes = in.readAllBytes();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Content(bytes, '"' + HexFormat.of().formatHex(hash, 0, 8) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
