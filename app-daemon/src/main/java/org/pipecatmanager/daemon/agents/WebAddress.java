package org.pipecatmanager.daemon.agents;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;

/** Checks addresses that requests will go to. */
final class WebAddress {
    private WebAddress() {}

    /** Whether it is http or https and names a host. */
    static boolean isUsable(String text) {
        return hasScheme(text, Set.of("http", "https"));
    }

    /** Whether it is ws or wss and names a host. */
    static boolean isUsableSocket(String text) {
        return hasScheme(text, Set.of("ws", "wss"));
    }

    private static boolean hasScheme(String text, Set<String> schemes) {
        try {
            URI uri = new URI(text);
            return uri.getHost() != null && uri.getScheme() != null && schemes.contains(uri.getScheme());
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
